//! A picture for the README: the browser's, with a palette, which takes a third of the room.

use std::{collections::HashMap, fs, io::BufWriter, io::Cursor, path::Path};

use anyhow::{Context as _, Result, ensure};

/// Colours of a palette.
const COLOURS: usize = 256;

/// Writes a PNG of 24 bits a pixel anew with the colours that it has most, and each other one as the nearest of these.
pub(super) fn with_palette(from: &Path, to: &Path) -> Result<()> {
    let mut reader = png::Decoder::new(Cursor::new(fs::read(from)?)).read_info()?;
    let mut pixels = vec![0; reader.output_buffer_size().context("too large")?];
    let frame = reader.next_frame(&mut pixels)?;
    ensure!(
        (frame.color_type, frame.bit_depth) == (png::ColorType::Rgb, png::BitDepth::Eight),
        "{frame:?}"
    );
    let (pixels, _) = pixels.as_chunks::<3>();
    let mut counts: HashMap<[u8; 3], usize> = HashMap::new();
    for pixel in pixels {
        *counts.entry(*pixel).or_default() += 1;
    }
    let mut colours: Vec<_> = counts.into_iter().collect();
    colours.sort_by_key(|&(colour, count)| (usize::MAX - count, colour));
    let palette: Vec<_> = colours.iter().take(COLOURS).map(|(colour, _)| *colour).collect();
    let away = |one: &[u8; 3], other: &[u8; 3]| {
        one.iter()
            .zip(other)
            .map(|(a, b)| u32::from(a.abs_diff(*b)).pow(2))
            .sum::<u32>()
    };
    let nearest = |colour: &[u8; 3]| (0u8..=255).zip(&palette).min_by_key(|(_, other)| away(colour, other));
    let places: HashMap<_, _> = colours
        .iter()
        .filter_map(|(colour, _)| Some((*colour, nearest(colour)?.0)))
        .collect();
    let indices: Vec<_> = pixels.iter().filter_map(|pixel| places.get(pixel).copied()).collect();
    let mut encoder = png::Encoder::new(BufWriter::new(fs::File::create(to)?), frame.width, frame.height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_palette(palette.concat());
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    encoder.write_header()?.write_image_data(&indices)?;
    Ok(())
}
