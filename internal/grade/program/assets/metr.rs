//! What a subject written in Rust needs. tests/subject/main.rs lists functions and serves them:
//!
//! ```ignore
//! mod metr;
//! use metr::Value;
//!
//! fn main() {
//!     metr::serve(&[("add", |a| Ok(Value::Int(a.int(0)? + a.int(1)?)))]);
//! }
//! ```
//!
//! A function gets `Args` and returns a `Value`, or an `Error` that is raised in the judge by its
//! class. A panic is raised as `Panic`. Nothing that is compiled with the candidate's code may hold
//! expected values.
#![allow(dead_code)]

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::FromRawFd;
use std::panic;

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
    List(Vec<Value>),
    #[doc(hidden)]
    Object(Vec<(String, Value)>),
}

macro_rules! from {
    ($($t:ty => $e:expr),*) => { $(impl From<$t> for Value { fn from(v: $t) -> Value { ($e)(v) } })* };
}
from!(bool => Value::Bool, i64 => Value::Int, i32 => |v| Value::Int(v as i64), u32 => |v| Value::Int(v as i64),
      usize => |v| Value::Int(v as i64), u64 => |v| Value::Int(v as i64), f64 => Value::Float,
      String => Value::Text, &str => |v: &str| Value::Text(v.to_string()), () => |_| Value::Null);

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(v: Vec<T>) -> Value {
        Value::List(v.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(v: Option<T>) -> Value {
        v.map_or(Value::Null, Into::into)
    }
}

/// An error that the judge sees: a class by name, Python's own or any other, and a message.
#[derive(Debug)]
pub struct Error(pub String, pub String);

impl Error {
    pub fn new(class: &str, message: impl std::fmt::Display) -> Error {
        Error(class.to_string(), message.to_string())
    }
}

pub struct Args(Vec<Value>);

impl Args {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn at(&self, i: usize) -> Result<&Value, Error> {
        self.0.get(i).ok_or_else(|| Error::new("TypeError", format!("argument {i} is missing")))
    }

    pub fn int(&self, i: usize) -> Result<i64, Error> {
        match self.at(i)? {
            Value::Int(n) => Ok(*n),
            v => Err(wrong(i, "an integer", v)),
        }
    }

    pub fn float(&self, i: usize) -> Result<f64, Error> {
        match self.at(i)? {
            Value::Float(f) => Ok(*f),
            Value::Int(n) => Ok(*n as f64),
            v => Err(wrong(i, "a number", v)),
        }
    }

    pub fn text(&self, i: usize) -> Result<&str, Error> {
        match self.at(i)? {
            Value::Text(s) => Ok(s),
            v => Err(wrong(i, "text", v)),
        }
    }

    pub fn list(&self, i: usize) -> Result<&[Value], Error> {
        match self.at(i)? {
            Value::List(l) => Ok(l),
            v => Err(wrong(i, "a list", v)),
        }
    }

    pub fn texts(&self, i: usize) -> Result<Vec<String>, Error> {
        self.list(i)?
            .iter()
            .map(|v| match v {
                Value::Text(s) => Ok(s.clone()),
                v => Err(wrong(i, "a list of texts", v)),
            })
            .collect()
    }

    pub fn ints(&self, i: usize) -> Result<Vec<i64>, Error> {
        self.list(i)?
            .iter()
            .map(|v| match v {
                Value::Int(n) => Ok(*n),
                v => Err(wrong(i, "a list of integers", v)),
            })
            .collect()
    }
}

fn wrong(i: usize, want: &str, v: &Value) -> Error {
    Error::new("TypeError", format!("argument {i}: expected {want}, found {v:?}"))
}

pub type Function = fn(&Args) -> Result<Value, Error>;

/// Answers until the judge is done.
pub fn serve(table: &[(&str, Function)]) {
    // The descriptors that the judge's line was moved to before this program began.
    let (mut down, mut up) = unsafe { (File::from_raw_fd(3), File::from_raw_fd(4)) };
    panic::set_hook(Box::new(|_| {}));
    loop {
        let mut head = [0u8; 4];
        if down.read_exact(&mut head).is_err() {
            return;
        }
        let mut body = vec![0u8; u32::from_be_bytes(head) as usize];
        if down.read_exact(&mut body).is_err() {
            return;
        }
        let text = String::from_utf8(body).expect("a request in UTF-8");
        let reply = answer(table, Reader { s: text.as_bytes(), at: 0 }.value());
        let mut frame = (reply.len() as u32).to_be_bytes().to_vec();
        frame.extend_from_slice(reply.as_bytes());
        if up.write_all(&frame).is_err() {
            return;
        }
    }
}

fn answer(table: &[(&str, Function)], q: Value) -> String {
    let Value::Object(fields) = q else { panic!("a request that is no object") };
    let field = |n: &str| fields.iter().find(|(k, _)| k == n).map(|(_, v)| v.clone());
    let (op, name) = (field("op"), field("name"));
    let is = |s: &str| op == Some(Value::Text(s.to_string()));
    if is("load") {
        return r#"{"ok":{"h":1,"k":"subject"}}"#.to_string();
    }
    let found = table.iter().find(|(n, _)| name == Some(Value::Text(n.to_string())));
    let Some((_, f)) = found else { return failure(Error::new("AttributeError", "the subject's table has no such function")) };
    if is("get") {
        return r#"{"ok":{"h":0,"k":"function"}}"#.to_string();
    }
    let Some(Value::List(args)) = field("args").filter(|_| is("call")) else {
        return failure(Error::new("TypeError", "subjects in this language are asked to call functions, and for nothing else"));
    };
    match panic::catch_unwind(panic::AssertUnwindSafe(|| f(&Args(args)))) {
        Ok(Ok(v)) => {
            let mut out = String::from("{\"ok\":");
            write(&mut out, &v);
            out.push('}');
            out
        }
        Ok(Err(e)) => failure(e),
        Err(p) => {
            let why = p.downcast_ref::<&str>().map(|s| s.to_string()).or_else(|| p.downcast_ref::<String>().cloned());
            failure(Error::new("Panic", why.unwrap_or_default()))
        }
    }
}

fn failure(e: Error) -> String {
    let mut out = String::from("{\"err\":{\"class\":");
    quote(&mut out, &e.0);
    out.push_str(",\"mro\":[");
    quote(&mut out, &e.0);
    out.push_str(",\"Exception\"],\"msg\":");
    quote(&mut out, &e.1.chars().take(2000).collect::<String>());
    out.push_str("}}");
    out
}

fn write(out: &mut String, v: &Value) {
    match v {
        Value::Null | Value::Object(_) => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Int(n) if n.unsigned_abs() <= 1 << 53 => out.push_str(&n.to_string()),
        Value::Int(n) => out.push_str(&format!("{{\"i\":\"{}{:#x}\"}}", if *n < 0 { "-" } else { "" }, n.unsigned_abs())),
        Value::Float(f) => {
            let s = if f.is_nan() { "nan".to_string() } else { format!("{f:?}") };
            out.push_str(&format!("{{\"f\":\"{s}\"}}"));
        }
        Value::Text(s) => quote(out, s),
        Value::Bytes(b) => {
            out.push_str("{\"b\":\"");
            for c in b.chunks(3) {
                let n = (c[0] as u32) << 16 | (*c.get(1).unwrap_or(&0) as u32) << 8 | *c.get(2).unwrap_or(&0) as u32;
                for k in 0..4 {
                    out.push(if k > c.len() { '=' } else { DIGITS[(n >> (18 - 6 * k) & 63) as usize] as char });
                }
            }
            out.push_str("\"}");
        }
        Value::List(l) => {
            out.push('[');
            for (i, x) in l.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write(out, x);
            }
            out.push(']');
        }
    }
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn quote(out: &mut String, s: &str) {
    out.push('"');
    for c in s.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
}

struct Reader<'a> {
    s: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&mut self) -> u8 {
        while self.s[self.at] == b' ' {
            self.at += 1;
        }
        self.s[self.at]
    }

    fn value(&mut self) -> Value {
        match self.peek() {
            b'"' => Value::Text(self.string()),
            b'n' => self.word(4, Value::Null),
            b't' => self.word(4, Value::Bool(true)),
            b'f' => self.word(5, Value::Bool(false)),
            b'[' => {
                self.at += 1;
                let mut l = vec![];
                while self.peek() != b']' {
                    self.at += usize::from(!l.is_empty());
                    l.push(self.value());
                }
                self.at += 1;
                Value::List(l)
            }
            b'{' => {
                self.at += 1;
                let mut o = vec![];
                while self.peek() != b'}' {
                    self.at += usize::from(!o.is_empty());
                    self.peek();
                    let k = self.string();
                    self.peek();
                    self.at += 1;
                    o.push((k, self.value()));
                }
                self.at += 1;
                untag(o)
            }
            _ => {
                let start = self.at;
                while self.at < self.s.len() && (self.s[self.at] == b'-' || self.s[self.at].is_ascii_digit()) {
                    self.at += 1;
                }
                let digits = std::str::from_utf8(&self.s[start..self.at]).unwrap();
                Value::Int(digits.parse().expect("a request that can be read"))
            }
        }
    }

    fn word(&mut self, n: usize, v: Value) -> Value {
        self.at += n;
        v
    }

    fn string(&mut self) -> String {
        let mut out = vec![];
        self.at += 1;
        while self.s[self.at] != b'"' {
            let mut c = self.s[self.at];
            self.at += 1;
            if c != b'\\' {
                out.push(c);
                continue;
            }
            c = self.s[self.at];
            self.at += 1;
            match c {
                b'u' => {
                    let mut u = self.hex4();
                    if (0xd800..0xdc00).contains(&u) {
                        self.at += 2;
                        u = 0x10000 + ((u - 0xd800) << 10) + (self.hex4() - 0xdc00);
                    }
                    let mut four = [0; 4];
                    out.extend_from_slice(char::from_u32(u).unwrap_or('\u{fffd}').encode_utf8(&mut four).as_bytes());
                }
                b'n' => out.push(b'\n'),
                b't' => out.push(b'\t'),
                b'r' => out.push(b'\r'),
                b'b' => out.push(8),
                b'f' => out.push(12),
                c => out.push(c),
            }
        }
        self.at += 1;
        String::from_utf8(out).expect("text in UTF-8")
    }

    fn hex4(&mut self) -> u32 {
        self.at += 4;
        u32::from_str_radix(std::str::from_utf8(&self.s[self.at - 4..self.at]).unwrap(), 16).unwrap()
    }
}

fn untag(o: Vec<(String, Value)>) -> Value {
    if let [(tag, v)] = o.as_slice() {
        match (tag.as_str(), v) {
            ("i", Value::Text(s)) => {
                let (sign, digits) = s.strip_prefix('-').map_or((1, s.as_str()), |d| (-1, d));
                let n = i128::from_str_radix(digits.trim_start_matches("0x"), 16).unwrap_or(i128::MAX);
                return Value::Int((sign * n).clamp(i64::MIN as i128, i64::MAX as i128) as i64);
            }
            ("f", Value::Text(s)) => return Value::Float(s.parse().unwrap_or(f64::NAN)),
            ("b", Value::Text(s)) => {
                let mut out = vec![];
                for four in s.as_bytes().chunks(4) {
                    let n = four.iter().fold(0u32, |n, c| n << 6 | DIGITS.iter().position(|d| d == c).unwrap_or(0) as u32);
                    let keep = four.iter().filter(|c| **c != b'=').count() - 1;
                    out.extend_from_slice(&n.to_be_bytes()[1..=keep]);
                }
                return Value::Bytes(out);
            }
            ("T" | "S" | "F" | "I" | "D", v) => return v.clone(),
            _ => {}
        }
    }
    Value::Object(o)
}
