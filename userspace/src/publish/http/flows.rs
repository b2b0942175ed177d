//! `/api/flows`: `?limit=20&sort=bytes&filter=tcp+and+port+443`.

use axum::{
    extract::State,
    http::{StatusCode, Uri},
};

use super::{
    answers::{Json, on_a_thread},
    pairs::pairs,
    problem::Problem,
    routes::Api,
};
use crate::export::top::{FlowList, FlowQuestion, MAX_LIMIT};

/// Flows of an answer unless asked for otherwise.
const DEFAULT_LIMIT: usize = 20;

pub(super) async fn flows(State(api): State<Api>, uri: Uri) -> Result<Json<FlowList>, Problem> {
    let question = question(&uri).map_err(|why| Problem::new(StatusCode::BAD_REQUEST, why))?;
    // A walk over all flows: not on a thread that others wait for.
    Ok(Json(on_a_thread(move || api.view.flows(&question)).await?))
}

fn question(uri: &Uri) -> Result<FlowQuestion, String> {
    let mut question = FlowQuestion {
        limit: DEFAULT_LIMIT,
        ..FlowQuestion::default()
    };
    for (name, value) in pairs(uri) {
        match &*name {
            "limit" => {
                let limit = value.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
                question.limit = limit.ok_or_else(|| format!("limit: use a number from 1 to {MAX_LIMIT}"))?;
            }
            "sort" => {
                question.sort = value
                    .parse()
                    .map_err(|error: crate::export::top::FlowSortError| error.to_string())?;
            }
            "filter" if value.trim().is_empty() => {}
            "filter" => {
                let filter = value.parse();
                question.filter = Some(filter.map_err(|error: crate::export::filter::FilterError| error.to_string())?);
            }
            _ => return Err(format!("there is no {name:?}: use limit, sort and filter")),
        }
    }
    Ok(question)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::top::FlowSort;

    fn ask(query: &str) -> Result<FlowQuestion, String> {
        question(&format!("/api/flows?{query}").parse().unwrap())
    }

    #[test]
    fn questions() {
        let asked = ask("limit=5&sort=new&filter=tcp+and%20port+443").unwrap();
        assert_eq!((asked.limit, asked.sort), (5, FlowSort::New));
        assert_eq!(asked.filter, Some("tcp and port 443".parse().unwrap()));
        let whole = ask("").unwrap();
        assert_eq!((whole.limit, whole.filter), (DEFAULT_LIMIT, None));
        for bad in [
            "limit=0",
            "limit=1001",
            "sort=x",
            "filter=tcp+or",
            "top=1",
            "filter=%zz",
            "filter=%ff",
        ] {
            assert!(ask(bad).is_err(), "{bad}");
        }
        assert!(ask("filter=tcp+or").unwrap_err().starts_with("filter, column 7"));
    }
}
