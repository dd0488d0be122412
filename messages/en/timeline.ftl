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
event-report-written = Report written ({ $format })
event-run-started = Run { $run } began: { $lever }
quoted-file = file { $name }
quoted-author-unknown = author unknown

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
