//! Hard places for a token: one file each, and where in it a scan is to find it.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use bzip2::write::BzEncoder;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use lzma_rust2::{XzOptions, XzWriter};

/// A place: the file, what is in it, and the path that a finding names.
pub(crate) struct Place {
    file: PathBuf,
    content: Vec<u8>,
    pub(crate) found_at: String,
}

/// Writes every place below `folder`.
pub(crate) fn write(folder: &Path, token: &str) -> Vec<Place> {
    let mut places = plain(token);
    places.extend(escaped(token));
    places.extend(base64_forms(token));
    places.extend(quoted_printable(token));
    places.extend(packed(token));
    for place in &places {
        let path = folder.join(&place.file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &place.content).unwrap();
    }
    places
}

fn place(file: &str, content: impl Into<Vec<u8>>) -> Place {
    Place {
        file: file.into(),
        content: content.into(),
        found_at: file.to_owned(),
    }
}

fn packed_place(file: &str, member: &str, content: Vec<u8>) -> Place {
    Place {
        found_at: format!("{file}!{member}"),
        ..place(file, content)
    }
}

fn plain(token: &str) -> Vec<Place> {
    let dots = |count: usize| ".".repeat(count);
    let named = format!("names/{token}.txt");
    let masked = format!("names/{}.txt (file name)", masked(token));
    let unnameable = OsStr::from_bytes(b"plain/not-utf8-\xff.txt");
    vec![
        place("plain/alone", token),
        place("plain/.env", format!("API_KEY={token}\n")),
        place("plain/.hidden/deep/er/file", format!("\"{token}\"")),
        place("node_modules/pkg/index.js", format!("k='{token}';")),
        place(
            "target/ignored.log",
            format!("Authorization: Bearer {token}"),
        ),
        place(
            "plain/allowed.py",
            format!("k = '{token}'  # gitleaks:allow pragma: allowlist secret nosec\n"),
        ),
        place(
            "plain/binary",
            [b"\x7fELF\0\0\x01".as_slice(), token.as_bytes(), b"\0\0\xff"].concat(),
        ),
        place(
            "plain/invalid-utf8",
            [b"\xff\xfe\xff".as_slice(), token.as_bytes(), b"\xc3\x28"].concat(),
        ),
        place(
            "plain/long-line",
            format!("{}{token}{}", "x ".repeat(500_000), "y ".repeat(500_000)),
        ),
        place("plain/after-a-word", format!("my{token}")),
        place("plain/before-a-word", format!("{token}abc")),
        place("plain/together", format!("dataset-{token}{token}")),
        place("plain/url", format!("https://x.test/?key={token}&y=1")),
        place("plain/block-edge", format!("{}{token}.", dots(262_130))),
        place("plain/second-block", format!("{}{token}.", dots(600_000))),
        place("plain/carriage-returns", format!("a\rb\r{token}\r")),
        place("plain/line\nfeed", token),
        Place {
            found_at: masked,
            ..place(&named, "nothing")
        },
        Place {
            file: unnameable.into(),
            content: token.into(),
            found_at: "plain/not-utf8-\u{fffd}.txt".to_owned(),
        },
    ]
}

/// What is printed of a token in a name.
fn masked(token: &str) -> String {
    let (prefix, body) = token.split_once('-').unwrap();
    format!("{prefix}-{}{}", "*".repeat(20), &body[20..])
}

fn escaped(token: &str) -> Vec<Place> {
    let utf16 = |text: &str, to_bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    };
    let marked = format!("\u{feff}key: {token}\n");
    let hyphens = [
        "%2D",
        "%2d",
        "%252D",
        "\\u002d",
        "\\u002D",
        "\\\\u002d",
        "\\x2d",
        "\\u{2d}",
        "\\55",
        "&#45;",
        "&#x2d;",
        "&#X2D;",
        "&#0045;",
    ];
    let mut places: Vec<Place> = hyphens
        .iter()
        .enumerate()
        .map(|(index, hyphen)| {
            let content = format!("?key={}&", token.replace('-', hyphen));
            place(&format!("escaped/hyphen-{index}"), content)
        })
        .collect();
    places.extend([
        place("utf16/little", utf16(token, u16::to_le_bytes)),
        place("utf16/big", utf16(token, u16::to_be_bytes)),
        place("utf16/little-marked", utf16(&marked, u16::to_le_bytes)),
        place("utf16/big-marked", utf16(&marked, u16::to_be_bytes)),
        place(
            "utf16/odd",
            [b"x".to_vec(), utf16(token, u16::to_le_bytes)].concat(),
        ),
    ]);
    places
}

fn base64_forms(token: &str) -> Vec<Place> {
    let mut places = Vec::new();
    for before in ["", "x", "xy"] {
        let text = format!("{before}{token}:secret");
        let standard = BASE64.encode(text.as_bytes());
        let url_safe = BASE64URL_NOPAD.encode(text.as_bytes());
        let name = before.len();
        places.push(place(&format!("base64/{name}"), standard));
        places.push(place(
            &format!("base64/{name}-url"),
            format!("eyJ.{url_safe}.sig"),
        ));
    }
    // Broken after each of the characters that the prefix is written in.
    for before in 0..12 {
        let text = format!("{}{token}{}", "x".repeat(36 + before), "z".repeat(60));
        let encoded = BASE64.encode(text.as_bytes());
        let lines = |width: usize, end: &str| {
            let lines = encoded
                .as_bytes()
                .chunks(width)
                .map(String::from_utf8_lossy);
            lines.map(|line| format!("{line}{end}")).collect::<String>()
        };
        places.push(place(&format!("base64/mail-{before}"), lines(76, "\r\n")));
        places.push(place(&format!("base64/pem-{before}"), lines(64, "\n")));
        places.push(place(
            &format!("base64/yaml-{before}"),
            format!("data: |\n    {}", lines(64, "\n    ")),
        ));
        places.push(place(
            &format!("base64/json-{before}"),
            format!("{{\"content\": \"{}\"}}", lines(60, "\\n")),
        ));
    }
    places
}

fn quoted_printable(token: &str) -> Vec<Place> {
    let broken = |at: usize, end: &str| format!("x {}{end}{} y", &token[..at], &token[at..]);
    let mut places = vec![place("mail/escaped", token.replace('-', "=2D"))];
    for at in 1..token.len() {
        places.push(place(&format!("mail/unix-{at}"), broken(at, "=\n")));
        places.push(place(&format!("mail/dos-{at}"), broken(at, "=\r\n")));
    }
    places
}

fn packed(token: &str) -> Vec<Place> {
    let text = format!("key: {token}\n");
    let tar_of = |name: &str, content: &[u8]| tar(&[(name, content)]);
    let three_deep = gzip(&tar_of(
        "in.zip",
        &zip("x.gz", &gzip(text.as_bytes()), Method::Deflate),
    ));
    vec![
        packed_place("packed/a.log.gz", "a.log", gzip(text.as_bytes())),
        packed_place("packed/misnamed.txt", "content", gzip(text.as_bytes())),
        packed_place(
            "packed/twice.gz",
            "twice",
            [gzip(b"nothing"), gzip(text.as_bytes())].concat(),
        ),
        packed_place(
            "packed/filled-up.gz",
            "filled-up",
            [gzip(text.as_bytes()), vec![0; 700]].concat(),
        ),
        packed_place("packed/a.log.bz2", "a.log", bzip2(text.as_bytes())),
        packed_place("packed/a.log.xz", "a.log", xz(text.as_bytes())),
        packed_place(
            "packed/a.tar",
            "dir/key",
            tar_of("dir/key", text.as_bytes()),
        ),
        packed_place(
            "packed/a.tgz",
            "dir/key",
            gzip(&tar_of("dir/key", text.as_bytes())),
        ),
        packed_place(
            "packed/a.tar.xz",
            "key",
            xz(&tar_of("key", text.as_bytes())),
        ),
        packed_place(
            "packed/two.tar",
            "second",
            [tar_of("first", b""), tar_of("second", text.as_bytes())].concat(),
        ),
        packed_place(
            "packed/a.zip",
            "key",
            zip("key", text.as_bytes(), Method::Deflate),
        ),
        packed_place(
            "packed/stored.zip",
            "key",
            zip("key", text.as_bytes(), Method::Store),
        ),
        packed_place(
            "packed/app.jar",
            "key",
            zip("key", text.as_bytes(), Method::Stream),
        ),
        packed_place("packed/deep.tgz", "in.zip!x.gz!x", three_deep),
        packed_place(
            "packed/base64.gz",
            "base64",
            gzip(BASE64.encode(text.as_bytes()).as_bytes()),
        ),
    ]
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = BzEncoder::new(Vec::new(), bzip2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = XzWriter::new(Vec::new(), XzOptions::default()).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, content) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *content).unwrap();
    }
    builder.into_inner().unwrap()
}

/// How a member of a zip archive is written.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Method {
    Store,
    Deflate,
    /// Deflated, with its length behind it, as it is written to a pipe.
    Stream,
    Encrypted,
}

/// A zip archive of one member, without the table at its end, which nobody is
/// to need.
pub(crate) fn zip(name: &str, content: &[u8], method: Method) -> Vec<u8> {
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::default());
    deflate.write_all(content).unwrap();
    let packed = match method {
        Method::Store => content.to_vec(),
        _ => deflate.finish().unwrap(),
    };
    let len = u32::try_from(packed.len()).unwrap();
    let (flags, number, len_before) = match method {
        Method::Store => (0u16, 0u16, len),
        Method::Deflate => (0, 8, len),
        Method::Stream => (8, 8, 0),
        Method::Encrypted => (1, 8, len),
    };
    let mut zip = b"PK\x03\x04\x14\0".to_vec();
    zip.extend(flags.to_le_bytes());
    zip.extend(number.to_le_bytes());
    zip.extend([0; 8]);
    zip.extend(len_before.to_le_bytes());
    zip.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
    zip.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
    zip.extend([0; 2]);
    zip.extend(name.as_bytes());
    zip.extend(packed);
    if method == Method::Stream {
        zip.extend(b"PK\x07\x08\0\0\0\0");
        zip.extend(len.to_le_bytes());
        zip.extend([0; 4]);
    }
    zip.extend(b"PK\x01\x02");
    zip
}
