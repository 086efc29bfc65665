"""The layering rules hold for this tree, and each of them bites on a small tree that breaks it."""

import re
import sys
import tomllib
from pathlib import Path

import pytest

pytestmark = pytest.mark.cpu_only("no tensors")

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import layering  # noqa: E402

CONFIG = tomllib.loads((ROOT / "tools/loc_budget.toml").read_text())


def crate(root: Path, folder: str, manifest: str = "", code: str = "", file: str = "lib.rs") -> Path:
    """Write a crate named after its folder and return that folder."""
    home = root / folder
    (home / "src").mkdir(parents=True)
    (home / "Cargo.toml").write_text(f'[package]\nname = "{home.name}"\n{manifest}')
    (home / "src" / file).write_text(code)
    return home


def test_arrows_hold():
    assert list(layering.arrow_violations(ROOT)) == []


def test_backends_know_no_operators():
    assert list(layering.backend_violations(ROOT)) == []


def test_files_are_short():
    assert list(layering.size_violations(ROOT, CONFIG["long-files"])) == []


def test_rooms_keep_their_budget():
    assert list(layering.budget_violations(layering.code_lines(ROOT), CONFIG["budget"])) == []


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("st-kernel", "st-core"),
        ("st-backend-cpu", "st-core"),
        ("st-backend-cpu", "st-backend-wgpu"),
        ("st-emulator", "st-core"),
        ("st-core", "st-nn"),
        ("st-nn", "st-kernel"),
        ("st-core", "st-py"),
    ],
)
@pytest.mark.parametrize("table", ["dependencies", "dev-dependencies", "target.x.build-dependencies"])
def test_a_dependency_to_the_left_is_found(tmp_path, name, target, table):
    crate(tmp_path, f"crates/{name}", f"[{table}]\n{target}.workspace = true\n")
    crate(tmp_path, f"{'bindings' if target == 'st-py' else 'crates'}/{target}")
    assert list(layering.arrow_violations(tmp_path)) == [f"{name} may not use {target} (Cargo.toml)"]


@pytest.mark.parametrize("code", ["use st_core::Tensor;", "use st_core as core;", "fn f() { st_core::g() }"])
def test_a_path_to_the_left_is_found(tmp_path, code):
    crate(tmp_path, "crates/st-kernel", code=f"// use st_core::Comment;\n{code}\n")
    crate(tmp_path, "crates/st-core")
    found = list(layering.arrow_violations(tmp_path))
    assert [line.split(" (")[0] for line in found] == ["st-kernel may not use st-core"]


def test_the_allowed_arrows_pass(tmp_path):
    crate(tmp_path, "crates/st-kernel", "[dependencies]\nhalf = '2'\n")
    crate(tmp_path, "crates/st-backend-cpu", "[dependencies]\nst-kernel = '1'\n")
    crate(tmp_path, "crates/st-core", "[dependencies]\nst-backend-cpu = '1'\n", "use st_kernel::DType;")
    crate(tmp_path, "crates/st-nn", "[dependencies]\nst-core = '1'\n")
    crate(tmp_path, "bindings/st-py", "[dependencies]\npyo3 = '0'\nst-core = '1'\n", "use st_nn::*;")
    assert list(layering.arrow_violations(tmp_path)) == []


def test_pyo3_outside_the_bindings_is_found(tmp_path):
    crate(tmp_path, "crates/st-core", "[dependencies]\nsnake = { package = 'pyo3', version = '0' }\n")
    assert "only bindings may" in "".join(layering.arrow_violations(tmp_path))


TABLE = """
pointwise! {
    /// Blends.
    blend(input, other; weight = 0.5) { dtype: Float, forward: |x| x[0] }

    /// The exponential.
    exp(input) {
        dtype: Float, forward: |x| exp(x[0])
    }

    blend_scaled "mix" (input, other) { forward: |x| call(x) }
}

build! {
    /// Takes its time.
    "brew" "(input: Tensor)".forms(LAYER), |input: &Tensor| input.brew();

    "brew2d"
        "(input: Tensor)", |input: &Tensor| serve(input);

    "half" "(input: Tensor)", |input: &Tensor| input.half();
}

fn serve(input: &Tensor) {
    strain(input)
}
"""


def table_in(root: Path) -> None:
    """Write the operator table of a small tree."""
    home = crate(root, "crates/st-core") / "src/ops/table"
    home.mkdir(parents=True)
    (home / "family.rs").write_text(TABLE)


def test_rows_of_the_table_are_operators(tmp_path):
    table_in(tmp_path)
    assert layering.operator_names(tmp_path) == {"blend", "mix", "brew", "brew2d"}


def test_every_row_of_the_table_is_seen():
    listed = set(re.findall(r"^\| `(\w+)\(", (ROOT / "docs/operators.md").read_text(), re.MULTILINE))
    assert len(listed) > 200
    assert listed - layering.operator_names(ROOT) <= layering.SHARED_NAMES


@pytest.mark.parametrize(
    ("file", "violations"), [("brew", 1), ("blend", 1), ("exp", 0), ("half", 0), ("matmul", 0)]
)
def test_an_operator_in_a_backend_is_found(tmp_path, file, violations):
    table_in(tmp_path)
    crate(tmp_path, "crates/st-backend-cpu", file=f"{file}.rs")
    assert len(list(layering.backend_violations(tmp_path))) == violations


def test_a_long_file_needs_a_reason_and_a_reason_a_long_file(tmp_path):
    crate(tmp_path, "crates/st-core", code="\n" * (layering.LINE_LIMIT + 1))
    name = "crates/st-core/src/lib.rs"
    assert len(list(layering.size_violations(tmp_path, {}))) == 1
    assert len(list(layering.size_violations(tmp_path, {name: " "}))) == 1
    assert list(layering.size_violations(tmp_path, {name: "a table of constants"})) == []
    assert len(list(layering.size_violations(tmp_path, {name: "a table", "gone.rs": "a table"}))) == 1


def test_code_lines_leave_out_what_is_not_code():
    rust = """
        //! Doc.

        fn one() {} // note
        #[cfg(test)]
        mod tests {
            fn left_out() {
            }
        }
            // note
        fn two() {}
        """
    assert layering.rust_code_lines(rust) == 2
    python = """'''Doc.

More.'''

# note
one = '''line
two'''


def three():
    '''Doc.'''
    return 4
"""
    assert layering.python_code_lines(python) == 4


def test_a_budget_is_a_limit():
    assert list(layering.budget_violations({"a": 3}, {"a": 3})) == []
    assert len(list(layering.budget_violations({"a": 4, "b": 1}, {"a": 3, "c": 1}))) == 3
