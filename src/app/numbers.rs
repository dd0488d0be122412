//! The sequence of incident ids: one per year and series, never given twice.

use std::collections::HashMap;

use crate::incident::{IncidentId, Series};
use crate::store::{Ledger, ReadError};

/// The last number given, by series and year. Held from deciding until the commit.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    last: HashMap<(Series, i32), u32>,
}

impl Numbers {
    /// The next free id; asks the ledger the first time.
    pub(super) async fn next(
        &mut self,
        ledger: &Ledger,
        series: Series,
        year: i32,
    ) -> Result<IncidentId, ReadError> {
        let last = match self.last.get(&(series, year)) {
            Some(last) => *last,
            None => {
                let prefix = format!("incident/{}-{year:04}-", series.prefix());
                let highest = ledger.highest_stream(&prefix).await?;
                let number = highest
                    .as_deref()
                    .and_then(|stream| stream.strip_prefix("incident/"))
                    .and_then(|id| id.parse::<IncidentId>().ok())
                    .map_or(0, |id| id.number);
                self.last.insert((series, year), number);
                number
            }
        };
        Ok(IncidentId {
            year,
            number: last + 1,
            series,
        })
    }

    /// An id was used by a commit.
    pub(super) fn used(&mut self, id: IncidentId) {
        let last = self.last.entry((id.series, id.year)).or_default();
        *last = (*last).max(id.number);
    }

    /// Somebody else wrote: ask the ledger again.
    pub(super) fn forget(&mut self) {
        self.last.clear();
    }
}
