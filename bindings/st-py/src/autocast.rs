//! Mixed precision: what `st.amp.autocast` sets.

use crate::call::{Args, Native, natives};
use crate::convert;
use crate::dtype;
use pyo3::prelude::*;
use pyo3::types::PyString;
use st_core::autocast::{self, Policy, Setting};

type Any<'py> = PyResult<Bound<'py, PyAny>>;

fn kind<'a>(args: &'a Args<'_, '_>) -> PyResult<&'a str> {
    args.required(0)?.cast::<PyString>()?.to_str()
}

/// Whether autocast is on for a kind of device, and its dtype there.
fn get<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let Setting { enabled, dtype } = autocast::setting(kind(args)?);
    Ok((enabled, dtype::object(args.py, dtype)).into_pyobject(args.py)?.into_any())
}

fn is_on<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    Ok(convert::scalar_object(args.py, autocast::is_on().into()))
}

fn set<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let now = autocast::setting(kind(args)?);
    let enabled = args.maybe_bool(1)?.unwrap_or(now.enabled);
    let dtype = args.maybe_dtype(2)?.unwrap_or(now.dtype);
    autocast::set(kind(args)?, Setting { enabled, dtype });
    args.none()
}

fn nest<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    Ok(autocast::nest(args.int(0)? as isize).into_pyobject(args.py)?.into_any())
}

fn is_cache_enabled<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    Ok(convert::scalar_object(args.py, autocast::keeps_casts().into()))
}

fn set_cache_enabled<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    autocast::set_keeps_casts(args.bool(0)?);
    args.none()
}

fn clear_cache<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    autocast::clear_cache();
    args.none()
}

/// Torch's name of what is done with an operator, for tests.
fn policy<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let name = args.required(1)?.cast::<PyString>()?.to_str()?;
    let word = autocast::policy(name, kind(args)? == "cpu").map(|policy| match policy {
        Policy::Low => "lower_precision_fp",
        Policy::Single => "fp32",
        Policy::SingleResult => "fp32_set_opt_dtype",
        Policy::Widest => "promote",
        Policy::State => "state",
        Policy::Refused => "banned",
    });
    Ok(word.into_pyobject(args.py)?.into_any())
}

pub(crate) const FUNCTIONS: &[Native] = natives! {
    "_autocast" ("device_type") get: "Whether autocast is on for a kind of device, and its dtype there.";
    "_set_autocast" ("device_type, enabled=None, dtype=None") set: "Sets them.";
    "_nest_autocast" ("by") nest: "Enters or leaves a region; how deep this thread is then.";
    "_autocast_policy" ("device_type, operator") policy: "What is done with an operator.";
    "_is_any_autocast_enabled" ("") is_on: "Whether autocast is on for any kind of device.";
    "is_autocast_cache_enabled" ("") is_cache_enabled: "Whether casts of parameters are kept until the end of a region.";
    "set_autocast_cache_enabled" ("enabled") set_cache_enabled: "Sets whether they are.";
    "clear_autocast_cache" ("") clear_cache: "Forgets the casts that are kept.";
};
