//! As much JSON as an IDL needs, members in the order in which they are given, so that the same interface gives the
//! same bytes.
use std::fmt::{Display, Formatter, Result};

pub enum Json {
    Text(String),
    Number(u64),
    Bool(bool),
    Array(Vec<Json>),
    Object(Vec<(&'static str, Json)>),
}

pub fn text(value: &str) -> Json {
    Json::Text(value.to_owned())
}

pub fn array(items: impl IntoIterator<Item = Json>) -> Json {
    Json::Array(items.into_iter().collect())
}

pub fn object<const N: usize>(members: [(&'static str, Json); N]) -> Json {
    Json::Object(members.into())
}

impl Json {
    fn write(&self, out: &mut Formatter<'_>, depth: usize) -> Result {
        match self {
            Json::Text(value) => quote(value, out),
            Json::Number(value) => write!(out, "{value}"),
            Json::Bool(value) => write!(out, "{value}"),
            // Bytes and names stay on one line; a reader looks at what they belong to.
            Json::Array(items) if !items.iter().any(|item| matches!(item, Json::Object(_))) => {
                write!(out, "[")?;
                for (index, item) in items.iter().enumerate() {
                    write!(out, "{}", if index == 0 { "" } else { ", " })?;
                    item.write(out, depth)?;
                }
                write!(out, "]")
            }
            Json::Array(items) => {
                write!(out, "[")?;
                for (index, item) in items.iter().enumerate() {
                    line(out, index, depth + 1)?;
                    item.write(out, depth + 1)?;
                }
                write!(out, "\n{}]", "  ".repeat(depth))
            }
            Json::Object(members) => {
                write!(out, "{{")?;
                for (index, (name, value)) in members.iter().enumerate() {
                    line(out, index, depth + 1)?;
                    write!(out, "\"{name}\": ")?;
                    value.write(out, depth + 1)?;
                }
                write!(out, "\n{}}}", "  ".repeat(depth))
            }
        }
    }
}

fn line(out: &mut Formatter<'_>, index: usize, depth: usize) -> Result {
    write!(out, "{}\n{}", if index == 0 { "" } else { "," }, "  ".repeat(depth))
}

fn quote(value: &str, out: &mut Formatter<'_>) -> Result {
    write!(out, "\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

impl Display for Json {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        self.write(out, 0)
    }
}
