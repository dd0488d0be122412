# Requests for a lever or a change of trust: the message that shows one, its end, and what is said about it.

request-head = 🔐 <b>R{ $request } · { $what }</b>
request-for = For { $id }
request-asked = { $who } asks for it { $at }.
request-asked-why = { $who } asks for it { $at }: { $why }
request-touches = Touches: { $what }
request-rotates = Touches:
request-credential = • { $name }: { $what }
request-credentials-more = … and { $count } more: <code>/rotate</code> lists them
request-parameter = { $label }: { $value }
request-approve = <b>Approve:</b> ask { $who } for the number and pick it below, or send <code>/approve R{ $request } NUMBER</code>. A wrong one cancels it.
request-who = { $names } may approve it, until { $until }.
request-agreed = Agreed so far: { $names }. { $more ->
    [one] 1 more is needed.
   *[other] { $more } more are needed.
}
request-all = { $more ->
    [one] One of them must agree.
   *[other] { $more } of them must agree.
}
request-confirm = { $who }, press to go on, or send <code>/approve R{ $request }</code>. It lapses at { $until }.
request-late = The command came late, so nothing was done yet.
request-name = Nobody else here could approve it, { $who }. To do it alone, send <code>/approve R{ $request } { $typed } why</code> by { $until }. Then there are { $seconds } s to stop it.
request-counting-single = ⏱ It begins in { $seconds } s. { $who } is alone with it and typed its name.
request-counting-break-glass = 🔨 <b>{ $who } breaks the glass:</b> it begins in { $seconds } s, without anybody's approval.
request-stop = Stop it with the button or <code>/abort R{ $request }</code>: { $who }, or anybody who could approve.
request-drill = Only a drill. For real: <code>/declare</code> what you see, then the lever with that incident’s id.
request-trust-hint = Nobody changes alone who may approve.

request-over-run = ✅ Approved by { $names } { $at }. Run { $run } of { $id } has begun.
request-over-confirmed = ✅ Confirmed by { $who } { $at }. Run { $run } of { $id } has begun.
request-over-single = ✅ Begun { $at } by { $who } alone, as nobody else could approve. Run { $run } of { $id }.
request-over-break-glass = 🔨 Begun { $at } by { $who }, who broke the glass. Run { $run } of { $id }.
request-over-done = ✅ Approved by { $names } { $at }: done.
request-over-done-alone = ✅ Done { $at } by { $who } alone, as nobody else could approve.
request-over-denied = ✋ Denied by { $who } { $at }.
request-over-expired = ⌛ Nobody answered in time. It lapsed { $at }.
request-over-wrong-pick = ❌ { $who } picked a wrong number { $at }, so it is cancelled.
request-over-aborted = ✋ Stopped by { $who } { $at }, before it began.
request-over-refused = ❌ Not done { $at }: { $why }

changed-asker = whoever asked for it may not do so any more.
changed-approver = { $name } may not approve it any more.
changed-incident-ended = the incident has ended.
changed-plan = what it would do has changed since it was asked for.
changed-policy = the rules have changed since it was asked for.
changed-log = my log was changed from outside, so I cannot trust who asked for it. On the host the lever still works.
changed-not-alone = somebody else could approve it by now. Ask again, so that they can.

outcome-approved = it was approved
outcome-denied = it was denied
outcome-expired = it lapsed
outcome-wrong-pick = a wrong number cancelled it
outcome-aborted = it was stopped
outcome-refused = something had changed

owners-called = R{ $request } waits for approval in “{ $chat }”, where you are not.
owners-called-for = 🔔 R{ $request } waits for approval in “{ $chat }”, where you are not. { $who } asks: { $what }
owners-called-answer = If you agree, have the number told to you by voice and answer here: <code>/approve { $id } R{ $request } 12</code>. Otherwise <code>/deny { $id } R{ $request }</code>.
owners-called-here = If you agree, have the number told to you by voice and answer here: <code>/approve R{ $request } 12</code>. Otherwise <code>/deny R{ $request }</code>.

button-confirm = Yes, go on
button-approve = { $number }
button-number = I asked: show number
button-deny = Deny
button-stop = ✋ Stop it
button-again = Ask again
button-preview = Dry run

trust-grant = make { $name } ({ $id }) an approver
trust-lower = make { $name } ({ $id }) { $permission } instead of an approver
trust-revoke = take the approver { $name } ({ $id }) away
trust-plan = follow the plan “{ $plan }”, which asks for fewer approvals
trust-totp = take { $name }'s second factor away ({ $id })

request-open = R{ $request } waits for an answer.
request-agreed-short = You agreed to R{ $request }.
request-agreed-more = You agreed to R{ $request }. { $more ->
    [one] 1 more is needed.
   *[other] { $more } more are needed.
}
request-over-short = R{ $request }: { $outcome }.
request-number = The number of R{ $request } is { $digits }. Tell it to the approver, best by voice. Nobody else sees it.
press-again = I was away, and that press may be old. Look at R{ $request } as it stands now, and press again if you still mean it.
run-begun = Run { $run } of { $id } has begun.

pulled-break-glass = 🔨 <b>{ $name } broke the glass in { $id }:</b> run { $run }, { $what }, without anybody's approval. A follow-up to review it is open.
pulled-single = ⚠️ { $id }: run { $run }, { $what }, was begun by { $name } alone, as nobody else could approve.
pulled-why = Why: { $why }

needs-head = <b>{ $name }</b> needs more before it can run:
needs-line = • { $label }: <code>{ $name }={ $example }</code>
needs-hint = For example: <code>{ $usage }</code>
needs-choices = What there is to choose from is being looked up.
choices-head = <b>{ $name }</b> · { $label }:
choices-line = { $number }. { $command } · { $about }
choices-line-bare = { $number }. { $command }
choices-more = Tap one to copy it and send it: then I ask for the rest.
choices-none = There is nothing to choose from for “{ $label }”.
choices-failed = I could not look up what there is for “{ $label }”: { $why }
choices-yourself = Name one yourself: <code>{ $usage }</code>
dry-follows = A dry run of it follows as a message.
dry-head = <b>{ $what }</b> would do this:
dry-head-for = <b>{ $what }</b> would do this in { $id }:
dry-step = { $number } { $name }: { $said }
dry-step-not = ⚠️ { $number } { $name }: { $said }
dry-real = For real: <code>{ $usage }</code>
kind-commit = a commit hash, 7 to 64 hex digits
kind-commit-example = 1a2b3c4
kind-backup = the file name of a backup, without any folder
kind-backup-example = 2026-02-17.db
kind-address = an IPv4 or IPv6 address, or a network that is not too wide
kind-address-example = 203.0.113.7
kind-name = letters, digits and - _ . @, at most 128
kind-name-example = alice
kind-time = a moment in UTC
kind-time-example = 2026-02-17T14:05

credentials-hint = One at a time needs a press to confirm; <code>/rotate all</code> needs somebody to approve.
