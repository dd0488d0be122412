# The pinned card of an incident and its buttons.

card-head = { $emoji } <b>{ $id } · { $severity }</b>
card-phase = { $phase } ({ $number } of { $count }) · open since { $since }
card-respond = ⏳ Respond by { $by } · { $left } left at { $now }
card-respond-over = ⏳ <b>Response overdue</b>: it was due by { $by } · { $over } over at { $now }
card-contain = ⏳ Contain by { $by } · { $left } left at { $now }
card-contain-over = ⏳ <b>Containment overdue</b>: it was due by { $by } · { $over } over at { $now }
card-contained = ⏳ Contained { $at }, after { $span }
card-role = { $role }: { $name }
card-roles = 👤 { $roles }
card-no-commander = 👤 Nobody is { $role } yet: <code>/role { $word }</code> takes it
card-seen = 👀 Seen by { $names }
card-seen-more = 👀 Seen by { $names } and { $more } more
card-notify = 🔔 { $names }
card-notify-unbound = 🔔 To be told, but I do not know who it is: { $contacts }
card-unbound = { $contact }, <code>/{ $verb } { $id } @name</code>
card-notify-everyone = 🔔 Everyone on the team
card-no-such-severity = { $word } is no severity here: { $codes } are.
card-choose-severity = How bad is it? Choose below, or <code>/severity CODE</code>.

card-item-open = ⬜ { $number } { $text }
card-item-ticked = ✅ { $number } { $text } — { $who } { $at }
card-item-auto = ✅ { $number } { $text } — { $at }
card-item-skipped = ➖ { $number } { $text } — not needed: { $why }
card-items-more = … and { $count } more items
card-earlier-open = Still open from before: { $items }
card-gate-met = Nothing holds you back: the next phase is { $phase }.
card-gate-needs = { $phase } needs { $needs } first.
card-gate-close-met = Everything is there to close it.
card-gate-close-needs = Closing needs { $needs } first.
card-gate-fact = <code>/set { $field }</code>
card-quick = <b>First moves</b>
card-quick-line = { $number }. { $text }
card-next = <b>Next:</b> { $titles }
card-several = { $count } incidents are open here: reply to this card, or put <code>{ $id }</code> after the command.

guide-step = • { $text }
guide-question = ? { $text }
guide-record = ✍ { $fields }
guide-field = <code>/set { $field }</code>
guide-run = ⚙ { $name }: <code>{ $usage }</code>
guide-rotate-all = Rotate every credential

card-closed-head = ✅ <b>{ $id } · { $severity } · closed</b>
card-closed = Closed { $at }, after { $span }
card-closed-by = Led by { $name }
card-closed-todos = { $open ->
    [0] All follow-ups are done
    [one] 1 follow-up is still open: /todos
   *[other] { $open } follow-ups are still open: /todos
}
card-closed-hint = <code>/report { $id }</code> writes the report, <code>/reopen { $id } why</code> takes it up again.
card-false-alarm-head = ⚪ <b>{ $id } · false alarm</b>
card-duplicate-head = ⚪ <b>{ $id } · duplicate of { $other }</b>
card-cancelled = Called off { $at }: { $why }

button-tick = { $number } ✓
button-ack = 👀 I see it
button-playbook = Playbooks
button-drill = 🧪 { $name }
button-next = Next phase →
button-close = Close it
button-severity = { $emoji } { $code } { $name }
button-same = Same incident
button-separate = A separate one
button-grant-yes = Yes, grant it
button-grant-no = No
button-late-yes = Yes, /{ $verb } now
button-late-no = No, leave it
button-take-role = { $role }
