//! `breakglass totp reset ID`: for somebody whose phone and recovery codes are gone.

use crate::config;
use crate::store::Register;
use crate::totp::Totp;

/// Takes a person's second factor away. Whoever may run this has the host, and could do it by hand.
pub(super) async fn reset(id: i64) -> Result<(), String> {
    if id <= 0 {
        return Err(format!("{id} is not a person's id: /whoami shows it"));
    }
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| config::DEFAULT_DATABASE.to_owned());
    let register = Register::open(&url)
        .await
        .map_err(|error| super::wrong_database(&error))?;
    // No key is needed to throw something away.
    let totp = Totp::new(register, None, "breakglass");
    match totp.reset(id).await {
        Ok(true) => {
            tracing::warn!(user = id, "the second factor was reset on the host");
            println!("{id} has no second factor any more. They can enrol anew: /totp, in private.");
            Ok(())
        }
        Ok(false) => Err(format!("{id} has no second factor: nothing was changed")),
        Err(error) => Err(error.to_string()),
    }
}
