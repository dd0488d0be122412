//! One-time codes at the door: they are taken before anything is decided, for taking one spends it.

use super::House;
use super::letter::{Letter, Wanted};
use crate::incident::{
    Actor, Author, Command, Identity, Person, Request, TotpSaid, TotpState, UserId, Via, policy,
};
use crate::messages;
use crate::secret::Secret;
use crate::totp::{Check, Confirmed, Status, Totp, TotpError};
use chrono::{DateTime, Duration, Utc};
use std::sync::PoisonError;

mod record;

/// How long a good code lets its sender do what it guards.
const PASSED_MINUTES: i64 = 5;

/// A good code that somebody sent.
#[derive(Debug)]
pub(super) struct Pass {
    at: DateTime<Utc>,
    used: Used,
}

/// Whether a code was used up.
#[derive(Debug, PartialEq)]
enum Used {
    No,
    /// By an update, which may be decided more than once.
    By(Option<i64>),
}

impl Pass {
    fn at(at: DateTime<Utc>) -> Self {
        Self { at, used: Used::No }
    }

    fn holds(&self, update: Option<i64>, now: DateTime<Utc>) -> bool {
        let free = match self.used {
            Used::No => true,
            Used::By(by) => by.is_some() && by == update,
        };
        free && now - self.at < Duration::minutes(PASSED_MINUTES)
    }
}

impl House {
    /// Puts one-time codes into use.
    pub fn use_codes(&self, totp: Totp) {
        // The first one stays: there is only one installation.
        let _ = self.totp.set(totp);
    }

    /// One-time codes, if they are in use.
    pub fn totp(&self) -> Option<&Totp> {
        self.totp.get()
    }

    /// A `/totp` in private becomes what its author is told. Whoever wants something of T2 or above brings along where they
    /// stand with their second factor. Every other letter stays as it is.
    pub(super) async fn take_code(&self, mut letter: Letter) -> Letter {
        self.note_second_factor(&mut letter).await;
        let Wanted::Command(asked) = &letter.wanted else {
            return letter;
        };
        let (Author::Person(actor), Command::Totp { code }) = (&asked.0, &asked.1.command) else {
            return letter;
        };
        let alone = actor.private && actor.identity == Identity::Person && actor.via == Via::Text;
        if !alone || self.was_seen(letter.update_id).await || !self.is_trusted(actor).await {
            return letter;
        }
        self.note_factors().await;
        let said = self.taken(&actor.person, code.as_deref()).await;
        let request = Request {
            command: Command::TotpSays(said),
            incident: None,
            origin: asked.1.origin.clone(),
        };
        letter.wanted = Wanted::Command(Box::new((Author::Bot, request)));
        letter
    }

    async fn note_second_factor(&self, letter: &mut Letter) {
        let Some(totp) = self.totp() else {
            return;
        };
        let (Wanted::Command(asked)
        | Wanted::Leak {
            command: Some(asked),
            ..
        }) = &mut letter.wanted
        else {
            return;
        };
        let (Author::Person(actor), request) = asked.as_mut() else {
            return;
        };
        if policy::tier(&request.command).is_none_or(|tier| tier < policy::Tier::Reversible) {
            return;
        }
        self.note_factors().await;
        let (user, now) = (actor.person.id, self.clock.now());
        actor.totp = match totp.status(user.0, now).await {
            Ok(Status::Enrolled {
                locked: Some(until),
                ..
            }) => TotpState::Locked(until),
            Ok(Status::Enrolled { .. }) if self.passed_lately(user, letter.update_id) => {
                TotpState::Passed
            }
            Ok(Status::Enrolled { .. }) => TotpState::Needed,
            Ok(Status::Off | Status::NotEnrolled | Status::Pending) => TotpState::None,
            // Fail closed: somebody may have a second factor that cannot be looked at now.
            Err(error) => {
                tracing::error!(user = user.0, "one-time codes: {error}");
                TotpState::Needed
            }
        };
    }

    fn passed_lately(&self, user: UserId, update: Option<i64>) -> bool {
        let passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        let pass = passed.get(&user);
        pass.is_some_and(|pass| pass.holds(update, self.clock.now()))
    }

    /// Uses up a good code for one update, which may be decided more than once. False where another one was faster.
    pub(super) fn spend_code(&self, user: UserId, update: Option<i64>) -> bool {
        let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        let pass = passed.get_mut(&user).filter(|it| it.holds(update, now));
        pass.map(|pass| pass.used = Used::By(update)).is_some()
    }

    /// A repeat of an update must not spend another try.
    async fn was_seen(&self, update: Option<i64>) -> bool {
        let Some(id) = update else {
            return false;
        };
        match self.ledger.seen(&[id]).await {
            Ok(seen) => seen.contains(&id),
            // It will not be committed either.
            Err(_) => true,
        }
    }

    /// Whether somebody may do anything, anywhere, that a second factor guards.
    async fn is_trusted(&self, actor: &Actor) -> bool {
        actor.owner || !self.rooms_of_trust(actor.person.id).await.is_empty()
    }

    async fn taken(&self, person: &Person, code: Option<&str>) -> TotpSaid {
        let Some(totp) = self.totp() else {
            return TotpSaid::Off;
        };
        let answer = match code {
            None => self.how_far(totp, person).await,
            Some(code) => self.with_code(totp, person, code).await,
        };
        answer.unwrap_or_else(|error| match error {
            TotpError::NoKey => TotpSaid::Off,
            error => {
                tracing::error!(user = person.id.0, "one-time codes: {error}");
                TotpSaid::Failed
            }
        })
    }

    /// `/totp`: begins where nothing has begun.
    async fn how_far(&self, totp: &Totp, person: &Person) -> Result<TotpSaid, TotpError> {
        let (user, now) = (person.id.0, self.clock.now());
        Ok(match totp.status(user, now).await? {
            Status::Off => TotpSaid::Off,
            Status::NotEnrolled => {
                totp.enrol(user, now).await?;
                TotpSaid::Show(person.clone())
            }
            Status::Pending => TotpSaid::Show(person.clone()),
            Status::Enrolled {
                locked: Some(until),
                ..
            } => TotpSaid::Locked { until },
            Status::Enrolled {
                since, recovery, ..
            } => TotpSaid::Enrolled { since, recovery },
        })
    }

    /// `/totp 123456`: the first code of an enrolment, or one to be checked.
    async fn with_code(
        &self,
        totp: &Totp,
        person: &Person,
        code: &str,
    ) -> Result<TotpSaid, TotpError> {
        let (user, now) = (person.id.0, self.clock.now());
        let status = totp.status(user, now).await?;
        if status == Status::Pending {
            return Ok(match totp.confirm(user, code, now).await? {
                Confirmed::Enrolled => {
                    self.note_factors().await;
                    TotpSaid::Confirmed(person.clone())
                }
                Confirmed::Wrong => TotpSaid::FirstWrong,
                Confirmed::NothingToConfirm => TotpSaid::NotEnrolled,
            });
        }
        Ok(match totp.check(user, code, now).await? {
            Check::Passed => {
                let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
                passed.insert(person.id, Pass::at(now));
                TotpSaid::Passed
            }
            Check::Wrong { left } => TotpSaid::Wrong { left },
            Check::Locked { until } => {
                self.note_factors().await;
                TotpSaid::Locked { until }
            }
            Check::NotEnrolled => TotpSaid::NotEnrolled,
        })
    }

    /// The picture of an enrolment and its caption, for the courier.
    pub async fn totp_picture(
        &self,
        chat: i64,
        user: i64,
        account: &str,
    ) -> Option<(Vec<u8>, String)> {
        let now = self.clock.now();
        let shown = match self.totp()?.enrolment(user, account, now).await {
            Ok(shown) => shown?,
            Err(error) => {
                tracing::error!(user, "one-time codes: {error}");
                return None;
            }
        };
        let phrases = self.phrases_in(chat);
        let caption = messages::totp_caption(&phrases, shown.typed.expose());
        Some((shown.picture, caption))
    }

    /// Recovery codes that nobody has seen yet, as a message, for the courier.
    pub async fn recovery_codes(&self, chat: i64, user: i64) -> Option<String> {
        let codes = match self.totp()?.recovery_codes(user).await {
            Ok(codes) => codes,
            Err(error) => {
                tracing::error!(user, "one-time codes: {error}");
                return None;
            }
        };
        let codes: Vec<&str> = codes.iter().map(Secret::expose).collect();
        let phrases = self.phrases_in(chat);
        (!codes.is_empty()).then(|| messages::recovery_codes(&phrases, &codes))
    }

    /// They were shown: only their hashes are kept.
    pub async fn recovery_shown(&self, user: i64) {
        if let Some(totp) = self.totp()
            && let Err(error) = totp.recovery_shown(user).await
        {
            tracing::error!(user, "shown recovery codes could not be taken off: {error}");
        }
    }
}
