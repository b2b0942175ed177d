//! The frames that the benches read: those of `../shared/corpus` where it is there, else the project's own capture.

use std::{
    fs::{self, File},
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
};

use airlens::capture::Reader;
use anyhow::{Result, ensure};

const RADIOTAP: u32 = 127;

/// The checkout.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Gives every packet with a radiotap header to `take`, in the order of the files.
///
/// # Errors
///
/// A file that can't be opened, or what `take` says.
pub fn each_frame(mut take: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let root = root();
    let corpus = root.join("../shared/corpus/taxonomy/pcaps");
    let mut files: Vec<PathBuf> = match fs::read_dir(&corpus) {
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?,
        Err(_) => {
            println!("no ../shared/corpus: the project's own capture instead");
            vec![root.join("tests/fixtures/hwsim.pcap")]
        }
    };
    files.sort();
    for file in files {
        let mut reader = Reader::new(File::open(&file)?)?;
        // One file of the corpus is cut off: what is before it counts.
        while let Ok(Some(packet)) = reader.next_packet() {
            if packet.link_type == RADIOTAP {
                take(packet.octets)?;
            }
        }
    }
    Ok(())
}

/// Writes a classic pcap file of all of them, over and over until there are at least so many; gives their number.
///
/// # Errors
///
/// As [`each_frame`]; the file can't be written.
pub fn merge(path: &Path, least: usize) -> Result<usize> {
    let mut file = BufWriter::new(File::create(path)?);
    for word in [0xa1b2_c3d4, 0x0004_0002, 0, 0, 0x0004_0000, RADIOTAP] {
        file.write_all(&u32::to_ne_bytes(word))?;
    }
    let mut count = 0;
    while count < least {
        let before = count;
        each_frame(|frame| {
            let length = u32::try_from(frame.len())?;
            for word in [1_700_000_000, 0, length, length] {
                file.write_all(&u32::to_ne_bytes(word))?;
            }
            file.write_all(frame)?;
            count += 1;
            Ok(())
        })?;
        ensure!(count > before, "the captures hold no frame");
    }
    file.flush()?;
    Ok(count)
}
