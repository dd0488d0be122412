//! Single settings that are changed only from what they were: for what must hold between processes, such as a code that counts once.
//!
//! Every call has a connection of its own, past the writer, so the host's command line can use it while the bot runs.

use sqlx::{AnyConnection, Connection};

use super::{
    Ledger,
    error::{CommitError, OpenError, ReadError, words},
    open::{CONNECT_WAIT, Place},
    sql::{clean, get},
};

/// One setting's change from what it was.
#[derive(Debug, Clone, Copy)]
pub struct Swap<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it was; none: not there.
    pub was: Option<&'a str>,
    /// What it becomes; none: it goes.
    pub new: Option<&'a str>,
}

/// Settings, one at a time.
#[derive(Clone)]
pub struct Register {
    place: Place,
}

impl Register {
    /// The settings of the database at `url`, which must exist and be up to date.
    ///
    /// # Errors
    /// One line that says what to change.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        let place = Place::parse(url)?;
        place.must_exist()?;
        let mut conn = place
            .connect(CONNECT_WAIT)
            .await
            .map_err(|error| place.explain(&error))?;
        let probe = sqlx::query("SELECT COUNT(*) AS top FROM settings");
        probe
            .fetch_one(&mut conn)
            .await
            .map_err(|error| place.explain(&error))?;
        Ok(Self { place })
    }

    async fn connect(&self) -> sqlx::Result<AnyConnection> {
        self.place.connect(CONNECT_WAIT).await
    }

    /// The value of a setting.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn get(&self, name: &str) -> Result<Option<String>, ReadError> {
        let mut conn = self.connect().await?;
        let row = sqlx::query("SELECT value FROM settings WHERE name = $1")
            .bind(clean(name.to_owned()))
            .fetch_optional(&mut conn)
            .await?;
        Ok(row.map(|row| get(&row, "value")).transpose()?)
    }

    /// Gives a setting a new value (none: removes it), if it still is what it was. False: somebody was faster.
    ///
    /// # Errors
    /// [`CommitError::Unavailable`]: nothing is known to have changed.
    pub async fn swap(
        &self,
        name: &str,
        was: Option<&str>,
        new: Option<&str>,
    ) -> Result<bool, CommitError> {
        self.swap_all(&[Swap { name, was, new }]).await
    }

    /// The same with several settings: all of them change, or none.
    ///
    /// # Errors
    /// [`CommitError::Unavailable`]: nothing is known to have changed.
    pub async fn swap_all(&self, swaps: &[Swap<'_>]) -> Result<bool, CommitError> {
        self.try_swap_all(swaps)
            .await
            .map_err(|error| CommitError::Unavailable(words(&error)))
    }

    async fn try_swap_all(&self, swaps: &[Swap<'_>]) -> sqlx::Result<bool> {
        let mut conn = self.connect().await?;
        let mut transaction = conn.begin_with(self.place.engine.begin()).await?;
        for swap in swaps {
            if !one(&mut transaction, swap).await? {
                transaction.rollback().await?;
                return Ok(false);
            }
        }
        transaction.commit().await?;
        conn.close().await?;
        Ok(true)
    }
}

/// Changes one setting; false where it is not what it was.
async fn one(conn: &mut AnyConnection, swap: &Swap<'_>) -> sqlx::Result<bool> {
    let text = |it: &str| clean(it.to_owned());
    let name = text(swap.name);
    let query = match (swap.was, swap.new) {
        (None, None) => return Ok(true),
        (None, Some(new)) => sqlx::query(
            "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
        )
        .bind(name)
        .bind(text(new)),
        (Some(was), Some(new)) => {
            sqlx::query("UPDATE settings SET value = $1 WHERE name = $2 AND value = $3")
                .bind(text(new))
                .bind(name)
                .bind(text(was))
        }
        (Some(was), None) => sqlx::query("DELETE FROM settings WHERE name = $1 AND value = $2")
            .bind(name)
            .bind(text(was)),
    };
    Ok(query.execute(conn).await?.rows_affected() == 1)
}

impl Ledger {
    /// The settings of this ledger, one at a time.
    pub fn register(&self) -> Register {
        Register {
            place: self.place.clone(),
        }
    }
}
