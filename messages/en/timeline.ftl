# The timeline: one line for each kind of event, in the past tense and as short as it can be.

timeline-head = Timeline of { $id } · times in { $zone }
timeline-earlier = { $count ->
    [one] 1 earlier entry is in the report: <code>/report { $id }</code>
   *[other] { $count } earlier entries are in the report: <code>/report { $id }</code>
}
timeline-line = { $at } { $text }
timeline-line-by = { $at } { $text } — { $who }

event-declared = Declared: { $title }
event-declared-severity = Declared as { $severity }: { $title }
event-also-reported = Reported again: { $title }
# It waited for an answer: same incident or separate?
event-reported-at = { $event } (reported { $at })
event-acknowledged = Acknowledged
event-role-assigned = { $role } is { $name }
event-severity-set = Severity { $to }
event-severity-changed = Severity { $from } → { $to }
event-severity-why = Severity { $from } → { $to }: { $why }
event-severity-set-why = Severity { $to }: { $why }
event-item-ticked = ✅ { $number } { $text }
event-item-unticked = ⬜ { $number } { $text }: open again
event-item-skipped = ➖ { $number } { $text }, not needed: { $why }
event-phase-entered = ▶ { $phase } begins
event-phase-forced = ▶ { $phase } begins, forced: { $why }
event-phase-returned = ◀ Back to { $phase }: { $why }
event-noted-quoted = { $text } “{ $quoted }” ({ $author })
event-noted-only-quoted = “{ $quoted }” ({ $author })
event-fact-recorded = { $label }: { $value }
event-evidence-kept = 📎 E{ $number } { $about }
event-evidence-stored = 🔒 E{ $number } stored, { $size }, SHA-256 { $hash }
event-evidence-failed = ⚠️ E{ $number } not stored: { $why }
event-evidence-collected = 🔒 Run { $run } gathered { $gathered } of { $all }, manifest SHA-256 { $hash }
event-evidence-read = 👁 Evidence read: { $what }, for { $why }
event-export-asked = 📦 Export { $number } asked for
event-export-reads = 📦 Export { $number } asked for: it reads { $what }
event-exported = 📦 Export { $number } made, { $size }, SHA-256 { $hash }
event-exported-encrypted = 📦 Export { $number } made and encrypted, { $size }, SHA-256 { $hash }
event-export-failed = ⚠️ Export { $number } could not be made
event-follow-up-added = Follow-up { $number }: { $text }
event-follow-up-assigned = Follow-up { $number } goes to { $name }
event-follow-up-done = Follow-up { $number } is done
event-cancelled-false-alarm = Called off as a false alarm: { $why }
event-cancelled-duplicate = Called off as a duplicate of { $other }: { $why }
event-closed = Closed
event-closed-forced = Closed, forced: { $why }
event-reopened = Reopened: { $why }
event-card-posted = The team was told: the card stands in the chat
event-card-lost = The card was gone from the chat: a new one was posted
event-topic-made = It has a topic of its own
event-topic-refused = No topic of its own: { $why }
event-secret-in-evidence = 🔑 E{ $number } holds { $count ->
    [one] a secret
   *[other] secrets
}: { $names }
event-secret-removed = 🔑 { $count ->
    [one] Secret
   *[other] Secrets
} removed from a message of { $author }: { $names }
event-report-written = Report written ({ $format })
event-run-started = Run { $run } began: { $lever }
event-run-approved = Run { $run } began: { $lever }, asked for by { $asker }, approved by { $names }
event-run-single = Run { $run } began: { $lever }, by { $asker } alone, as nobody else could approve
event-run-break-glass = 🔨 Run { $run } began: { $lever }, by { $asker }, who broke the glass
event-run-host = Run { $run } began without Telegram: { $lever }
event-lever-asked = R{ $request }: { $lever } asked for
event-lever-asked-why = R{ $request }: { $lever } asked for: { $why }
event-lever-agreed = R{ $request } approved
event-lever-counting-single = R{ $request }: { $lever } is begun alone: { $why }
event-lever-counting-break-glass = R{ $request }: the glass is broken for { $lever }: { $why }
event-lever-ended = R{ $request }: { $lever } was not begun, { $outcome }
quoted-file = file { $name }
quoted-author-unknown = author unknown

audit-head = Audit · last { $count } · times in { $zone }
audit-earlier = { $count ->
    [one] 1 entry is older: <code>/audit { $more }</code>
   *[other] { $count } entries are older: <code>/audit { $more }</code>
}
audit-incident = { $id } { $text }
audit-claimed = Chat taken into use
audit-unclaimed = Chat no longer in use: { $why }
audit-migrated = The group became a supergroup
audit-plan = Plan: { $value }
audit-language = Language: { $value }
audit-timezone = Time zone: { $value }
audit-admins-on = Administrators count as commanders
audit-admins-off = Administrators have no special rights any more
audit-responders-everybody = Every member is a responder
audit-responders-granted = Only granted people are responders
audit-home = Alarms come to this chat
audit-granted = Granted { $permission } to { $name }
audit-revoked = Revoked { $permission } of { $name }
audit-contact = Contact { $contact } is { $name }
audit-rehearsed = 👓 Dry run: { $lever }
audit-requested = 🔐 R{ $request } asked for: { $what }
audit-request-refused = ⛔ R{ $request }: tried by somebody who may not answer it
audit-request-ended = 🔐 R{ $request }: { $outcome }
audit-totp-reset = 🔑 The second factor of { $name } was reset
audit-factor-enrolled = 🔑 { $name } has a second factor now
audit-factor-locked = 🔑 Too many wrong codes: the second factor of { $name } is locked until { $until }
audit-factor-reset = 🔑 The second factor of { $name } was taken away on the host
audit-refused = ⛔ Refused /{ $verb }: it needs a { $needs }
# Levers that were pulled without Telegram.
door-host = the host
door-endpoint = the admin endpoint
imported = From the journal, { $when }: { $text }
imported-intent = { $lever } was pulled from { $door }: { $why }
imported-began = { $step }: began, its end is not known
imported-succeeded = ✅ { $step }
imported-failed = ❌ { $step }: { $summary }
imported-unknown = ❓ { $step }: { $summary }
imported-by-hand = ✋ { $step }: { $summary }
