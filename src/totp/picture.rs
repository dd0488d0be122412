//! The QR picture that an authenticator app reads.

use qrcodegen::{QrCode, QrCodeEcc};

/// Pixels of one module.
const SCALE: usize = 8;
/// Modules of white around it, as the standard asks for.
const BORDER: usize = 4;
const BORDER_MODULES: i32 = 4;

/// A black and white PNG of a text.
pub(super) fn png(text: &str) -> Result<Vec<u8>, String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).map_err(|error| error.to_string())?;
    let modules = usize::try_from(code.size()).map_err(|error| error.to_string())?;
    let side = (modules + 2 * BORDER) * SCALE;
    let bytes_of_row = side.div_ceil(8);
    let mut pixels = vec![0_u8; bytes_of_row * side];
    for y in 0..side {
        for x in 0..side {
            let at = |pixel: usize| i32::try_from(pixel / SCALE).unwrap_or(-1) - BORDER_MODULES;
            if !code.get_module(at(x), at(y)) {
                pixels[y * bytes_of_row + x / 8] |= 0x80 >> (x % 8);
            }
        }
    }
    let side = u32::try_from(side).map_err(|error| error.to_string())?;
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header().map_err(|error| error.to_string())?;
    writer
        .write_image_data(&pixels)
        .map_err(|error| error.to_string())?;
    writer.finish().map_err(|error| error.to_string())?;
    Ok(file)
}
