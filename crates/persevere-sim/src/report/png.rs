//! The pictures of a report as PNG, for places that show no SVG.

use super::STYLE;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};
use std::fmt::Write as _;

/// Pixels for each unit of a picture.
const SCALE: f32 = 2.0;

/// A picture of a report; made by [`pictures`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Picture {
    /// Its name on the page, such as `threshold`: fit for a file.
    pub name: String,
    /// The bytes of a PNG file.
    pub png: Vec<u8>,
}

/// Why a picture was not drawn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// There is no font for the texts.
    #[error("there is no font to draw with: install one, such as DejaVu Sans")]
    NoFont,
    /// The page is not from a report.
    #[error("the page has a picture that is not one of a report")]
    Page,
    /// The picture `name` cannot be drawn.
    #[error("picture `{name}` cannot be drawn")]
    #[non_exhaustive]
    Draw {
        /// The name of the picture.
        name: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Draws the pictures of a [report's page](crate::Report::html) as PNG, in light colors, two pixels for each unit. The texts
/// are drawn with a font of the system.
///
/// ```
/// use persevere_sim::{Report, Study, Watch, compare, pictures};
///
/// let study = Study::shipped("demand-spike").unwrap();
/// let summaries = compare(&study.scenario, &study.candidates[..1], 0..1, Watch::none())?;
/// let page = Report::new(&study.scenario, &summaries).html();
/// for picture in pictures(&page)? {
///     assert!(picture.png.starts_with(b"\x89PNG"), "{}", picture.name);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`PictureError`] if there is no font, or the page is not from a report.
pub fn pictures(page: &str) -> Result<Vec<Picture>, PictureError> {
    let mut options = Options::default();
    let fonts = options.fontdb_mut();
    fonts.load_system_fonts();
    let is_sans = |family: &str| family.contains("Sans") && !family.contains("Mono");
    let families = || {
        fonts
            .faces()
            .flat_map(|face| &face.families)
            .map(|(family, _)| family.clone())
    };
    let family = families().find(|family| is_sans(family)).or_else(|| families().next());
    let family = family.ok_or(PictureError::NoFont)?;
    fonts.set_sans_serif_family(family);
    let style = style();
    let svgs = page.split("<svg ").skip(1);
    svgs.map(|svg| draw(svg, &style, &options)).collect()
}

/// Draws the picture whose text follows `<svg `.
fn draw(svg: &str, style: &str, options: &Options<'_>) -> Result<Picture, PictureError> {
    let between = |text: &'static str| svg.split(text).nth(1)?.split('"').next();
    let size = between("viewBox=\"0 0 ").and_then(|size| size.split_once(' '));
    let label = between("aria-labelledby=\"").and_then(|label| label.split("-t ").next());
    let content = svg.split_once('>').and_then(|(_, rest)| rest.split_once("</svg>"));
    let (Some((width, height)), Some(name), Some((content, _))) = (size, label, content) else {
        return Err(PictureError::Page);
    };
    let failed = |source: Box<dyn std::error::Error + Send + Sync>| PictureError::Draw {
        name: name.to_owned(),
        source,
    };
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" font-family=\"sans-serif\" \
         font-size=\"10\"><style>{style}</style>{content}</svg>"
    );
    let tree = Tree::from_str(&svg, options).map_err(|error| failed(error.into()))?;
    let size = tree.size().to_int_size();
    let size = size.scale_by(SCALE).unwrap_or(size);
    let mut pixels = Pixmap::new(size.width(), size.height()).ok_or_else(|| failed("it is empty".into()))?;
    pixels.fill(resvg::tiny_skia::Color::WHITE);
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixels.as_mut());
    let png = pixels.encode_png().map_err(|error| failed(error.into()))?;
    Ok(Picture {
        name: name.to_owned(),
        png,
    })
}

/// The rules for pictures of the page's style, with the light colors in place of their names.
fn style() -> String {
    let root = STYLE.split(['{', '}']).nth(1).unwrap_or_default();
    let colors = root.split(';').filter_map(|color| color.trim().split_once(": "));
    let colors: Vec<_> = colors.filter(|(name, _)| name.starts_with("--")).collect();
    let mut style = String::new();
    for rule in STYLE
        .lines()
        .filter(|line| line.starts_with("svg "))
        .flat_map(|line| line.split_inclusive('}'))
    {
        let Some((selectors, declarations)) = rule.split_once('{') else {
            continue;
        };
        // Nothing is hovered over.
        if !selectors.contains("svg .") && !selectors.contains("svg text") || selectors.contains(":hover") {
            continue;
        }
        let _ = write!(style, "{}{{{declarations}", selectors.replace("svg ", ""));
    }
    for (name, color) in colors {
        style = style.replace(&format!("var({name})"), color);
    }
    style.replace("fill: transparent", "fill: none")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_has_colors_and_no_variables() {
        let style = style();
        assert!(style.contains(".a { stroke: #0b7285; }"), "{style}");
        for word in ["var(", ":hover", "transparent", "svg", "@media"] {
            assert!(!style.contains(word), "{word}: {style}");
        }
    }

    #[test]
    fn page_of_something_else_is_an_error() {
        assert!(matches!(pictures("<svg width=\"3\"></svg>"), Err(PictureError::Page)));
        assert_eq!(pictures("no picture").unwrap(), []);
    }

    /// The picture has its lines and its texts: besides the paper at least the colors of these.
    #[test]
    fn pictures_of_the_page_have_their_colors() {
        let pictures = pictures(include_str!("../../tests/data/report.html")).unwrap();
        assert_eq!(
            pictures.len(),
            include_str!("../../tests/data/report.html").matches("<svg").count()
        );
        let threshold = pictures.iter().find(|picture| picture.name == "threshold").unwrap();
        let pixels = Pixmap::decode_png(&threshold.png).unwrap();
        assert_eq!((pixels.width(), pixels.height()), (1440, 224));
        for color in ["0b7285", "1d1d1f", "c2255c"] {
            let [red, green, blue] = [0, 2, 4].map(|at| u8::from_str_radix(&color[at..at + 2], 16).unwrap());
            let is_there = pixels
                .pixels()
                .iter()
                .any(|pixel| (pixel.red(), pixel.green(), pixel.blue()) == (red, green, blue));
            assert!(is_there, "{color}");
        }
    }
}
