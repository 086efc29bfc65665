//! Where NVIDIA's libraries are, and tables of their functions.

use libloading::Library;
use std::ffi::OsStr;
use std::path::PathBuf;

/// Declares a table of a library's functions. A function that is absent is an error with its name, never a panic.
macro_rules! functions {
    ($(#[$about:meta])* $table:ident { $($name:ident($($argument:ty),*);)* }) => {
        $(#[$about])*
        #[allow(non_snake_case)]
        pub(crate) struct $table {
            $(pub(crate) $name: unsafe extern "system" fn($($argument),*) -> std::ffi::c_int,)*
            // It stays loaded as long as its functions may be called.
            _library: libloading::Library,
        }

        impl $table {
            /// Finds every function.
            pub(crate) fn of(library: libloading::Library) -> Result<$table, String> {
                Ok($table {
                    $($name: {
                        // SAFETY: the type is that of the function in NVIDIA's documentation.
                        let found = unsafe { library.get(concat!(stringify!($name), "\0").as_bytes()) };
                        *found.map_err(|_| concat!("it has no function ", stringify!($name)).to_owned())?
                    },)*
                    _library: library,
                })
            }
        }
    };
}
pub(crate) use functions;

/// Opens the first of some files that there is: where the system looks, in a toolkit, in NVIDIA's Python packages.
pub(crate) fn open(names: &[String]) -> Option<Library> {
    let in_folders = folders().into_iter().flat_map(|folder| names.iter().map(move |name| folder.join(name)));
    names.iter().map(PathBuf::from).chain(in_folders).find_map(|file| load(file.as_os_str()))
}

fn load(file: &OsStr) -> Option<Library> {
    // SAFETY: NVIDIA's libraries may be loaded by any thread at any time.
    unsafe { Library::new(file) }.ok()
}

/// Folders that may hold NVIDIA's libraries besides those where the system looks.
fn folders() -> Vec<PathBuf> {
    let parts: &[&str] =
        if cfg!(windows) { &["bin", "bin/x64"] } else { &["lib64", "lib", "extras/CUPTI/lib64"] };
    let named = ["CUDA_HOME", "CUDA_PATH"].into_iter().filter_map(std::env::var_os).map(PathBuf::from);
    let toolkits = named.chain((!cfg!(windows)).then(|| "/usr/local/cuda".into()));
    let mut found: Vec<PathBuf> =
        toolkits.flat_map(|root| parts.iter().map(move |part| root.join(part))).collect();
    found.extend(python_packages());
    found
}

/// The folders of NVIDIA's Python packages, if this code is part of a Python package beside them.
fn python_packages() -> Vec<PathBuf> {
    let Some(packages) = own_file().and_then(|file| Some(file.parent()?.parent()?.join("nvidia"))) else {
        return Vec::new();
    };
    let part = if cfg!(windows) { "bin" } else { "lib" };
    let Ok(entries) = packages.read_dir() else { return Vec::new() };
    entries.filter_map(|entry| Some(entry.ok()?.path().join(part))).collect()
}

/// The file that holds this function.
#[cfg(unix)]
fn own_file() -> Option<PathBuf> {
    use std::ffi::CStr;
    use std::os::unix::ffi::OsStrExt;
    let mut about = std::mem::MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: any address may be asked about, and `about` has room for the answer.
    let about = unsafe {
        if libc::dladdr(own_file as *const std::ffi::c_void, about.as_mut_ptr()) == 0 {
            return None;
        }
        about.assume_init()
    };
    if about.dli_fname.is_null() {
        return None;
    }
    // SAFETY: the loader's own string, which lives as long as the library.
    let name = unsafe { CStr::from_ptr(about.dli_fname) };
    Some(PathBuf::from(OsStr::from_bytes(name.to_bytes())))
}

/// Windows looks for libraries in `PATH`, where the toolkit's installer puts its folder.
#[cfg(not(unix))]
fn own_file() -> Option<PathBuf> {
    None
}
