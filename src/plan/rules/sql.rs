//! Statements: one, fixed, with bound parameters.

/// What is wrong with a statement that is given this many parameters.
pub(in crate::plan) fn problems(statement: &str, parameters: usize) -> Vec<(String, String)> {
    let mut problems = Vec::new();
    if statement.contains("${") {
        problems.push((
            "a placeholder inside a statement could change it".to_owned(),
            "write $1 and put the value into parameters = [\"…\"]".to_owned(),
        ));
    }
    match scan(statement) {
        Err(message) => problems.push((message.to_owned(), "close it".to_owned())),
        Ok(Scan { statements, used }) => {
            if statements > 1 {
                problems.push((
                    "this is more than one statement".to_owned(),
                    "one step per statement, or `then` for a second in the same transaction"
                        .to_owned(),
                ));
            }
            check_parameters(&used, parameters, &mut problems);
        }
    }
    problems
}

fn check_parameters(used: &[usize], parameters: usize, problems: &mut Vec<(String, String)>) {
    let highest = used.iter().copied().max().unwrap_or(0);
    if used.contains(&0) || highest > 64 {
        problems.push((
            "parameters are numbered $1, $2…".to_owned(),
            "count from $1".to_owned(),
        ));
    } else if highest != parameters {
        problems.push((
            format!("the statement asks for {highest} parameters, but {parameters} are given"),
            "one entry of `parameters` for each of $1, $2…".to_owned(),
        ));
    } else if let Some(missing) = (1..=highest).find(|number| !used.contains(number)) {
        problems.push((
            format!("${missing} is never used"),
            "leave its value out".to_owned(),
        ));
    }
}

struct Scan {
    statements: usize,
    used: Vec<usize>,
}

/// Walks over a statement outside of quotes and comments.
fn scan(statement: &str) -> Result<Scan, &'static str> {
    let mut found = Scan {
        statements: 0,
        used: Vec::new(),
    };
    let mut inside = false;
    let mut rest = statement;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' => {
                inside = true;
                quoted(rest, first).ok_or("a quote is not closed")?
            }
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest
                .find("*/")
                .map(|end| end + 2)
                .ok_or("a comment is not closed")?,
            '$' => {
                inside = true;
                dollar(rest, &mut found.used)?
            }
            ';' => {
                found.statements += usize::from(inside);
                inside = false;
                1
            }
            other => {
                inside |= !other.is_whitespace();
                other.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    found.statements += usize::from(inside);
    Ok(found)
}

/// Length of a quoted piece; a doubled quote reads as two pieces, which comes to the same.
fn quoted(rest: &str, quote: char) -> Option<usize> {
    rest[1..].find(quote).map(|end| end + 2)
}

/// Length of `$1`, or of a body between `$tag$` and `$tag$`.
fn dollar(rest: &str, used: &mut Vec<usize>) -> Result<usize, &'static str> {
    let digits = rest[1..].bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        used.push(rest[1..=digits].parse().unwrap_or(usize::MAX));
        return Ok(digits + 1);
    }
    let Some(end) = rest[1..].find('$') else {
        return Ok(1);
    };
    let tag = &rest[..end + 2];
    let is_tag = tag[1..=end]
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !is_tag {
        return Ok(1);
    }
    rest[tag.len()..]
        .find(tag)
        .map(|close| tag.len() + close + tag.len())
        .ok_or("a body between dollar signs is not closed")
}
