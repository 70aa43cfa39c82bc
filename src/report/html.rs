//! The page: one file that opens anywhere, without a network and without scripts.

use super::drawing::Figure;
use super::sections::{Content, Section};
use super::subject::{self, Fact};
use super::tables::Tables;
use super::{Input, file, write_csv, write_json};
use crate::foundation::Result;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Writes `report.html`, its plots as single SVG files, the CSV files and `summary.json` into `directory` (normally
/// `DIR/report`) and returns the path of the page.
///
/// # Errors
/// `Error::Storage` if the results are of no known kind or a file cannot be written.
pub fn write_html(input: &Input, directory: &Path) -> Result<PathBuf> {
    let subject = subject::of(input)?;
    let sections = subject.sections();
    for figure in sections.iter().flat_map(Section::figures) {
        file::write(directory, &format!("{}.svg", figure.name), &figure.svg())?;
    }
    write_csv(input, directory)?;
    write_json(input, directory)?;
    file::write(directory, "report.html", &page(input, subject.facts(), &sections))
}

fn page(input: &Input, facts: Vec<Fact>, sections: &[Section]) -> String {
    let tables = Tables(input.tables);
    let title = escape(&input.title);
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>\n{}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>\n",
        include_str!("style.css")
    );
    push_head(&mut html, input, facts);
    html.push_str("<nav>");
    let configuration = tables.text("/run/configuration");
    for section in sections {
        let _ = write!(html, "<a href=\"#{}\">{}</a> ", section.anchor, escape(section.title));
    }
    if configuration.is_some() {
        html.push_str("<a href=\"#configuration\">Configuration</a>");
    }
    html.push_str("</nav>\n</header>\n<main>\n");
    for section in sections {
        push_section(&mut html, section);
    }
    if let Some(configuration) = configuration {
        let _ = write!(
            html,
            "<section id=\"configuration\">\n<h2>Configuration</h2>\n<p>As resolved, with defaults.</p>\n\
             <pre>{}</pre>\n</section>\n",
            escape(configuration)
        );
    }
    html.push_str("</main>\n</body>\n</html>\n");
    html
}

fn push_head(html: &mut String, input: &Input, particular: Vec<Fact>) {
    let tables = Tables(input.tables);
    let mut facts: Vec<Fact> = Vec::new();
    for (name, path) in [("model", "/run/model"), ("version", "/run/version")] {
        facts.extend(tables.text(path).map(|text| (name, text.trim().to_string())));
    }
    facts.extend(input.status.as_deref().map(|status| ("status", status_words(status))));
    facts.extend(particular);
    html.push_str("<dl>\n");
    for (name, value) in facts {
        let _ = writeln!(html, "<div><dt>{}</dt><dd>{}</dd></div>", escape(name), lowered(&value));
    }
    html.push_str("</dl>\n");
    for note in &input.notes {
        let _ = writeln!(html, "<p class=\"note\">{}</p>", escape(note));
    }
}

/// State and progress from status.json; the text as it is if it is no JSON.
fn status_words(status: &str) -> String {
    let Ok(value) = serde_json::from_str::<serde_json::Value>(status) else {
        return status.trim().to_string();
    };
    let mut words = value["state"].as_str().unwrap_or("unknown").to_string();
    if let (Some(step), Some(target)) = (value["step"].as_u64(), value["target"].as_u64()) {
        let _ = write!(words, ", step {step} of {target}");
    }
    if let Some(reason) = value["reason"].as_str().filter(|reason| !reason.is_empty()) {
        let _ = write!(words, " ({reason})");
    }
    words
}

fn push_section(html: &mut String, section: &Section) {
    let (title, text) = (escape(section.title), escape(&section.text));
    let _ = writeln!(html, "<section id=\"{}\">", section.anchor);
    if section.is_folded {
        let _ = writeln!(html, "<details><summary><h2>{title}</h2></summary>");
    } else {
        let _ = writeln!(html, "<h2>{title}</h2>");
    }
    let _ = writeln!(html, "<p>{text}</p>");
    let mut is_grid_open = false;
    for content in &section.content {
        match content {
            Content::Figure(figure) => {
                if !is_grid_open {
                    html.push_str("<div class=\"figures\">\n");
                    is_grid_open = true;
                }
                push_figure(html, figure);
            }
            Content::Table(rows) => {
                if is_grid_open {
                    html.push_str("</div>\n");
                    is_grid_open = false;
                }
                push_table(html, rows);
            }
        }
    }
    if is_grid_open {
        html.push_str("</div>\n");
    }
    html.push_str(if section.is_folded { "</details>\n</section>\n" } else { "</section>\n" });
}

fn push_figure(html: &mut String, figure: &Figure) {
    let class = if figure.width() > 600.0 { " class=\"wide\"" } else { "" };
    let _ = writeln!(
        html,
        "<figure{class}>\n{}<figcaption>{}</figcaption>\n</figure>",
        figure.svg(),
        escape(&figure.caption)
    );
}

/// Replaces the characters that have a meaning in HTML.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() && c != '\n' && c != '\t' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// Escaped, with the B of k_B lowered.
fn lowered(text: &str) -> String {
    escape(text).replace("k_B", "k<sub>B</sub>")
}

fn push_table(html: &mut String, rows: &[Vec<String>]) {
    html.push_str("<div class=\"scroll\"><table>\n");
    for (index, row) in rows.iter().enumerate() {
        html.push_str("<tr>");
        for cell in row {
            let class = if index > 0 && matches!(cell.as_str(), "yes" | "no" | "undecided") {
                format!(" class=\"{cell}\"")
            } else {
                String::new()
            };
            let tag = if index == 0 { "th" } else { "td" };
            let _ = write!(html, "<{tag}{class}>{}</{tag}>", lowered(cell));
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</table></div>\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_cannot_enter_through_text() {
        assert_eq!(escape("<a href=\"x\">&'\u{1}"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;\u{fffd}");
    }
}
