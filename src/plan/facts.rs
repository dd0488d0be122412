//! What people can record about an incident with `/set`.

words! {
    /// A field of the incident's record.
    FactField {
        /// When the trouble began.
        Started = "started",
        /// First suspicious activity, as found out later.
        FirstSuspicious = "first_suspicious",
        /// When monitoring raised the alert.
        AlertTriggered = "alert_triggered",
        /// When the team found it.
        Detected = "detected",
        /// When it was confirmed to be an incident.
        Confirmed = "confirmed",
        /// When containment began.
        ContainmentStarted = "containment_started",
        /// When the spread was stopped.
        Contained = "contained",
        /// When the root cause was found.
        RootCauseFound = "root_cause_found",
        /// When the fix was complete.
        RemediationComplete = "remediation_complete",
        /// When normal operation was confirmed.
        RecoveryConfirmed = "recovery_confirmed",
        /// Who reported it; not always the one who declares.
        Reporter = "reporter",
        /// Who or what detected it.
        DetectedBy = "detected_by",
        /// By which means it was detected.
        HowDetected = "how_detected",
        /// The first description, in the reporter's words.
        Summary = "summary",
        /// Symptoms that were observed.
        Symptoms = "symptoms",
        /// Systems that are affected, from the plan's list.
        Affected = "affected",
        /// Effect on users and business.
        Impact = "impact",
        /// Whether data was exposed.
        DataExposed = "data_exposed",
        /// Which types of data.
        DataTypes = "data_types",
        /// How many records.
        Records = "records",
        /// How many users.
        UsersAffected = "users_affected",
        /// Whether it is still going on.
        Ongoing = "ongoing",
        /// How it could happen.
        RootCause = "root_cause",
        /// What made it possible or worse.
        ContributingFactors = "contributing_factors",
        /// How the attacker got in.
        AttackVector = "attack_vector",
        /// Warning signs that were missed.
        MissedSigns = "missed_signs",
        /// Cost altogether.
        FinancialImpact = "financial_impact",
        /// Money lost directly.
        DirectLosses = "direct_losses",
        /// Cost of the fix.
        RemediationCosts = "remediation_costs",
        /// Effect on the business, in words.
        BusinessImpact = "business_impact",
        /// How long the service was down.
        Downtime = "downtime",
        /// When the end is expected.
        Eta = "eta",
        /// The commit or backup that is known to be good.
        RollbackTarget = "rollback_target",
        /// What went well.
        WentWell = "went_well",
        /// What went poorly.
        WentPoorly = "went_poorly",
        /// What we would do differently.
        Differently = "differently",
        /// What will prevent a repeat.
        Preventive = "preventive",
    }
}

/// What a field's value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FactKind {
    /// Free text.
    Text,
    /// A moment: a mark on the timeline.
    Time,
    /// One or more of the plan's systems.
    Systems,
    /// Yes or no, with details if wanted.
    YesNo,
    /// A count or an amount.
    Number,
}

impl FactField {
    /// What the value looks like.
    pub const fn kind(self) -> FactKind {
        match self {
            Self::Started
            | Self::FirstSuspicious
            | Self::AlertTriggered
            | Self::Detected
            | Self::Confirmed
            | Self::ContainmentStarted
            | Self::Contained
            | Self::RootCauseFound
            | Self::RemediationComplete
            | Self::RecoveryConfirmed
            | Self::Eta => FactKind::Time,
            Self::Affected => FactKind::Systems,
            Self::DataExposed | Self::Ongoing => FactKind::YesNo,
            Self::Records
            | Self::UsersAffected
            | Self::FinancialImpact
            | Self::DirectLosses
            | Self::RemediationCosts => FactKind::Number,
            _ => FactKind::Text,
        }
    }

    /// The key of the field's label among the phrases.
    pub fn label_key(self) -> String {
        format!("fact-{}", self.name().replace('_', "-"))
    }

    /// Whether several values add up to a list (a second `/set` adds a line) instead of replacing.
    pub const fn is_list(self) -> bool {
        matches!(
            self,
            Self::WentWell | Self::WentPoorly | Self::Differently | Self::Preventive
        )
    }
}
