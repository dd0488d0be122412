# Runs of levers: how they go, what they ask, how they end.

run-head = { $mark } <b>Run { $run } · { $lever }</b> · { $id }
run-by = { $asked } · { $at }
run-by-approved = { $asked }, approved by { $approved } · { $at }
run-by-host = From the host · { $at }
run-why = Why: { $why }
run-restarts-bot = 🔄 It restarts me: I am away for a moment, then I go on.
run-dry = 👓 <b>DRY RUN</b> · nothing outside is touched
run-part = <b>{ $name }</b> · { $done } of { $count }
run-step = { $mark } { $number } { $name }
run-step-said = { $mark } { $number } { $name }: { $said }
run-step-back = ↩️ { $number } { $name }: taken back
run-step-going-back = ⏳ { $number } { $name }: is being taken back
run-step-back-failed = 🆘 { $number } { $name }: taking it back failed: { $said }
run-step-back-unknown = ❓ { $number } { $name }: nobody knows whether it was taken back
run-step-back-by-hand = ✋ { $number } { $name }: to be taken back by hand: { $said }
run-step-kept-until = ✅ { $number } { $name }: takes itself back at { $at } unless somebody keeps it
run-step-superseded = ✅ { $number } { $name }: superseded by { $other }
run-called = run { $run }
run-called-elsewhere = run { $run } of { $id }
run-more = … and { $count } more steps
run-by-hand = done by hand
run-interrupted = I was restarted meanwhile
run-aborted = 🛑 No further step begins, says { $name }
run-aborted-why = 🛑 No further step begins, says { $name }: { $why }
run-withheld = 🛑 Stopped: no further step begins. { $why }
run-asks = Waits for a decision about step { $steps }: the buttons, or <code>/step { $run } { $first } done</code>, <code>retry</code>, <code>skip</code>, <code>undo</code>.
run-keeps = Is it right? <code>/step { $run } { $first } done</code> keeps it, <code>/step { $run } { $first } undo</code> takes it back now.
run-word-succeeded = done
run-word-partly = ended, with steps missing
run-word-undone = failed, everything was taken back
run-word-stopped = stopped half-way
run-word-undo_failed = failed, and taking back failed too
run-word-aborted = aborted
run-word-refused = not run

run-over-succeeded = ✅ <b>Run { $run } · { $lever }</b>: done, { $done } of { $count } steps, in { $span }. { $id }
run-over-partly = ⚠️ <b>Run { $run } · { $lever }</b> went to its end: { $done } of { $count } steps are done. { $id }
run-over-undone = ↩️ <b>Run { $run } · { $lever }</b> failed, and everything that it had changed was taken back. { $id }
run-over-stopped = ⚠️ <b>Run { $run } · { $lever }</b> stopped half-way: { $done } of { $count } steps are done and stay as they are. { $id }
run-over-undo-failed = 🆘 <b>Run { $run } · { $lever }</b> failed, and taking back failed too. Somebody must look at it now. { $id }
run-over-aborted = 🛑 <b>Run { $run } · { $lever }</b> was aborted: { $done } of { $count } steps are done and stay as they are. { $id }
run-over-refused = 🚫 <b>Run { $run } · { $lever }</b> did not run. { $id }
run-over-refused-midway = 🚫 <b>Run { $run } · { $lever }</b> was not allowed to go on: { $done } of { $count } steps are done and stay as they are. { $id }
run-withheld-told = 🛑 <b>Run { $run } · { $lever }</b> was stopped: no further step begins. What is under way ends, and what takes itself back still does. { $id }
run-held-up = ⏳ <b>Run { $run } · { $lever }</b> waits: run { $by } of { $other } is at work on the same target. It goes on by itself after that; <code>/abort { $other } { $by }</code> ends the other one. { $id }
run-held-up-log = ⏳ <b>Run { $run } · { $lever }</b> waits: my log was changed from outside, so I begin nothing further in it. An owner has to look first; <code>/abort { $other } { $run }</code> ends it.
run-held-up-elsewhere = ⏳ <b>Run { $run } · { $lever }</b> waits: a run in another chat is at work on the same target. It goes on by itself after that. { $id }
run-over-undo-hint = <code>{ $command }</code> takes it back.
run-open-back = Not taken back: { $steps }
run-open-steps = Not done: { $steps }
hindrance-busy = Run { $run } of { $other } is at work on the same target. Wait for its end, or end it with <code>/abort { $other } { $run }</code>.
hindrance-busy-elsewhere = A run in another chat is at work on the same target. Try again when it is over.
hindrance-busy-target = A run in another chat is at work on { $target }. Try again when it is over.
hindrance-resting = It ran a short while ago and rests until { $at }, for { $left } more.
hindrance-changed = The rules stopped it: { $why }
hindrance-log-changed = My log was changed from outside: I begin nothing before an owner has looked.
hindrance-not-allowed = The rules do not allow it any more: { $why }

step-stands-failed = ❌ <b>Run { $run } · { $lever }</b> stands: step { $number } failed, and nothing can be taken back by itself.
step-stands-unknown = ❓ <b>Run { $run } · { $lever }</b> stands: nobody knows whether step { $number } happened.
step-stands-by-hand = ✋ <b>Run { $run } · { $lever }</b>: step { $number } needs a person.
step-stands-keep = ⏳ <b>Run { $run } · { $lever }</b>: step { $number } takes itself back at { $at } unless somebody keeps it.
step-stands-held = ✋ <b>Run { $run } · { $lever }</b>: step { $number } is held back, a person decides.
step-held = It needs step { $number } first, which was not done: { $name }
step-stands-undo = ❓ <b>Run { $run } · { $lever }</b> stands: taking back step { $number } needs a person.
step-asks-over = ☑️ <b>Run { $run } · { $lever }</b>: decided, nothing is asked here any more. { $id }
step-asks-several = { $mark } <b>Run { $run } · { $lever }</b>: { $count } steps wait for a person.
step-title = { $number } · { $name }
step-title-marked = { $mark } { $name }
step-title-of = { $name } · { $part }
step-mark-failed = ❌
step-mark-unknown = ❓
step-mark-by-hand = ✋
step-mark-keep = ⏳
step-mark-held = ✋
step-mark-undo = ❓
step-why-failed = It failed, and nothing can be taken back by itself.
step-why-unknown = Nobody knows whether it happened.
step-why-keep = It takes itself back at { $at } unless somebody keeps it.
step-why-held = It is held back, a person decides.
step-why-undo = Taking it back needs a person.
step-asks-rest = The rest stands in the plan, in this step.
step-asks-next = { $count ->
    [one] Asked here next: { $steps }
   *[other] { $count } more are asked here next: { $steps }
}
step-asks-looked = Its check says that it is not done.
step-asks-link = Where: { $link }
step-asks-how = <code>/step { $run } { $number } { $words }</code>
button-step-retry = { $number } · Again
button-step-anyway = { $number } · Anyway
button-step-done = { $number } · Done
button-step-skip = { $number } · Skip
button-step-undo = ↩️ { $number } · Take back
button-step-stop = 🛑 { $number } · Stop here
button-step-keep = { $number } · Keep
step-decided = Run { $run }, step { $step }: { $choice }.
step-choice-retry = again
step-choice-done = done
step-choice-skip = go on without it
step-choice-undo = take back
run-aborted-short = Run { $run } ends after the step that is under way.

card-run = ⚙️ Run { $run } · { $lever }: { $done } of { $count } steps
card-run-asks = ❓ Run { $run } · { $lever } waits for a decision: step { $steps }
status-run-over = Run { $run } · { $lever }: { $outcome }

credentials-head = Credentials of { $plan }
credentials-none = { $plan } names no credentials.
credential-line = { $mark } { $name } (<code>{ $id }</code>): { $state }
credential-never = never rotated here
credential-rotated = rotated { $at }, { $age } ago
credential-old = rotated { $at }, { $age } ago; at most { $max } are allowed
credential-under-way = being rotated, run { $run } of { $incident }
credential-failed = run { $run } of { $incident } did not finish it

notify-part = <b>{ $label }</b>: { $text }
notify-open = { $label }: { $hint }
notify-still-open = still open
notify-investigating = INVESTIGATING
notify-contained = CONTAINED
notify-resolved = RESOLVED

event-step-started = Run { $run }, step { $step } begins: { $name }
event-step-started-again = Run { $run }, step { $step } begins again ({ $attempt }): { $name }
event-step-succeeded = ✅ Run { $run }, step { $step } done: { $name }
event-step-failed = ❌ Run { $run }, step { $step } failed: { $name }
event-step-unknown = ❓ Run { $run }, step { $step }, nobody knows whether it happened: { $name }
event-step-by-hand = ✋ Run { $run }, step { $step } needs a person: { $name }
event-step-decided = Run { $run }, step { $step }: { $choice }
event-step-superseded = Run { $run }, step { $step } ({ $name }): superseded by { $other }, it does not take itself back any more
event-run-aborted = 🛑 Run { $run } aborted
event-run-aborted-why = 🛑 Run { $run } aborted: { $why }
event-run-withheld = 🛑 Run { $run } stopped: no further step begins. { $why }
event-run-ended = Run { $run } · { $lever }: { $outcome }
event-run-ended-why = Run { $run } · { $lever }: { $outcome }. { $why }
event-progress-posted = Its message about run { $run } stands in the chat
event-progress-lost = The message about run { $run } was gone from the chat: a new one was posted
step-undo-name = taking back: { $name }
step-check-name = checking: { $name }
step-name-said = { $name }: { $said }

# What came of a step. $said is a quote of what a program, a server or the plan says.
fact-beside = { $fact }: { $said }
fact-quote = "{ $text }"
fact-nothing = nothing
fact-or = or
fact-not-set-up = By hand (not set: { $missing })
fact-not-begun = stopped before anything was done
fact-cut-off = stopped
fact-not-done = not done within { $seconds } s
fact-no-answer = no answer within { $seconds } s
fact-no-end = it gave no answer in time
fact-broke = it broke while it was under way
fact-must-not-change = a check must not change anything
fact-output-lost = done, but its output could not be kept
fact-gathered = { $kept ->
    [one] 1 piece kept
   *[other] { $kept } pieces kept
}
fact-gathered-not-all = { $kept ->
    [one] 1 piece kept, { $missing } not
   *[other] { $kept } pieces kept, { $missing } not
}
fact-waited = waited { $seconds } s
fact-exit = { $program } ended with { $code }
fact-printed = { $program } ended with { $code }, but it printed { $said } and must print { $wanted }
fact-printed-unread = { $program } ended with { $code }, but what it printed cannot be read
fact-not-started = { $program } cannot be started
fact-killed = { $program } was killed by signal { $signal }
fact-stopped-after = { $program } was stopped after { $seconds } s
fact-stopped = { $program } was stopped
fact-no-folder = { $variable } is no folder
fact-unit = { $unit } is { $state }
fact-unit-still = { $unit } is still { $state } after { $seconds } s
fact-unit-stopped = stopped while { $unit } was { $state }
fact-unit-unknown = systemctl does not say how { $unit } is
fact-answered = answered { $status }
fact-answered-rest = answered { $status }; the rest of the answer is missing
fact-answered-broke = answered { $status }, but the answer broke off
fact-answered-late = answered { $status }, but the answer took longer than { $seconds } s
fact-answered-stopped = answered { $status }, but it was stopped before the end of the answer
fact-unexpected = answered { $status }, expected { $expected }
fact-without-text = answered { $status } without the expected text
fact-elsewhere = { $status }: it redirects to another host, { $host }
fact-elsewhere-unreadable = { $status }: it redirects to an unreadable address
fact-gateway = { $status } from a gateway
fact-not-reachable = not reachable
fact-no-whole-answer = no whole answer
fact-not-resolved = the name { $host } cannot be resolved
fact-resolved-late = the name of { $host } was not resolved in time
fact-no-address = { $host } has no address
fact-never = { $host } leads to { $ip }, where no request may go
fact-private = { $host } leads to { $ip }, inside a private network: allow it in { $variable }_NETWORKS
fact-outside = { $host } leads to { $ip }, outside of { $variable }_NETWORKS
fact-plain-http = { $variable } is plain http to { $host }, outside: use https
fact-no-http = { $name } is no http or https address
fact-no-https = { $name } is no https address
fact-no-host = { $name } holds no host
fact-no-database = { $name }: its address cannot be read
fact-bad-path = the path leads away from the connection's address
fact-bad-header = the header { $name } cannot be sent like this
fact-rows = { $count ->
    [one] 1 row
   *[other] { $count } rows
}
fact-rows-changed = { $count ->
    [one] 1 row changed
   *[other] { $count } rows changed
}
fact-figure = the number is { $number }
fact-statement-done = done
fact-bound-rows = { $number } rows
fact-at-least = { $found }, expected at least { $least }
fact-at-most = { $found }, expected at most { $most }
fact-not-opened = { $database }
fact-nothing-committed = stopped; nothing was committed
fact-commit-failed = the commit failed
fact-commit-unknown = nobody knows whether it was committed
fact-any-password = the server lets { $role } in with any password
fact-port-open = port { $port } accepts connections
fact-port-closed = port { $port } is closed
fact-port-silent = port { $port }: no answer within { $seconds } s
fact-certificate-good = valid for { $days } days and more
fact-certificate-ended = the certificate ended on { $day }
fact-certificate-ends = the certificate ends in { $left } days, on { $day }
fact-certificate-ends-within = the certificate ends within { $days } days
fact-file-written = { $path }: written
fact-file-swapped = { $path }: swapped; what was there before is kept
fact-file-removed = { $path }: removed; what was there before is kept
fact-file-copied = { $path }: copied
fact-file-read = { $path }: { $bytes } bytes
fact-file-as-before = { $path }: as before
fact-file-nothing-kept = { $path }: nothing is kept from before this run: make sure that it is as it was
fact-file-there = { $path }: there
fact-file-not-there = { $path }: not there
fact-file-was-not-there = { $path }: was not there
fact-file-there-already = { $path }: is there already
fact-file-outside = { $path } leaves the folder
fact-file-link = { $path } is a link; name the file itself
fact-file-not-plain = { $path } is no plain file
fact-file-is-folder = { $path } is a folder, not a link that can be pointed elsewhere
fact-file-taken = { $path } is there already with another content
fact-file-missing = { $path } is not there
fact-file-refused = { $path }
fact-file-broke-off = { $path }: the work on it broke off
