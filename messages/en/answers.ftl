# Answers to questions, questions with buttons, and announcements to the team.

welcome = <b>Ready.</b> This group follows “{ $plan }”, times are in { $zone }, and every member is a responder.
welcome-public = <b>Ready.</b> This group follows “{ $plan }” and times are in { $zone }. The group is public, so only people to whom you <code>/grant responder</code> take part.
welcome-no-plan = <b>Almost ready.</b> No plan is installed yet: put one into the plans folder of the machine that runs me, then <code>/setup plan NAME</code>.
welcome-next = When something happens: <code>/declare what you see</code>. <code>/setup</code> changes the settings, <code>/help</code> lists everything.
welcome-admin = Make me an administrator who may pin messages and manage topics, so that each incident keeps its card in sight.
greeting-group = I am ready. <code>/declare what you see</code> opens an incident, <code>/help</code> lists what you can do.
greeting-private = I run a team's incident response plan in its group. <code>/whoami</code> shows your id. Add me to your group, and an owner sends <code>/start</code> there.
not-claimed-said = I am here for a team that has set me up. If one of my owners sends <code>/start</code> within an hour, I stay; otherwise I leave.
removed-while-open = { $count ->
    [one] I was removed while { $incidents } was open, and it still is. An owner must send <code>/start</code> here before anything goes on.
   *[other] I was removed while { $incidents } were open, and they still are. An owner must send <code>/start</code> here before anything goes on.
}

whoami = { $name }
    Id <code>{ $id }</code> · { $permission } here
teams-send-there = <code>/{ $verb }</code> belongs in your team's group. You belong to { $chats }: send it there.
teams-whoami = { $name }
    Id <code>{ $id }</code>
teams-line = { $permission } in { $chat }
whoami-hidden = You are writing under a hidden identity, which may do nothing here. Its id is <code>{ $id }</code>. Write under your own name to see yours.

status-none = Nothing is open here. <code>/declare what you see</code> opens an incident.
status-none-anywhere = No incident is open in any of my groups.
status-head = { $count ->
    [one] 1 incident is open
   *[other] { $count } incidents are open
}
status-line = { $emoji } <b>{ $id } · { $severity }</b> · { $phase }
status-more = … and { $count } more.
# An owner, in private: an id finds its group.
status-name-one = Name one to see it here: <code>/status { $id }</code>
status-unread = { $count ->
    [one] ⚠️ One group could not be read, so this list may lack something. The log says why.
   *[other] ⚠️ { $count } groups could not be read, so this list may lack something. The log says why.
}
status-last = Last ended: { $id } { $title }, { $state } { $at }.
status-todos = { $open ->
    [0] All follow-ups are done.
    [one] 1 follow-up is open: /todos
   *[other] { $open } follow-ups are open: /todos
}
status-evidence = { $count ->
    [one] 1 piece of evidence is kept.
   *[other] { $count } pieces of evidence are kept.
}
gone = I no longer find { $id } here.

roles-head = Roles in { $id }
roles-held = <b>{ $role }</b>: { $name }
roles-free = <b>{ $role }</b>: nobody
roles-hint = Take one with a button, or give it: <code>/role { $role } @name</code>. Roles carry no authority.

ask-same = { $id } was opened { $ago } ago: { $title }
    Is yours the same incident?
    “{ $new }”
ask-same-hint = Without an answer within 10 minutes it is added to { $id }.
ask-same-hint-worse = Yours is more severe: without an answer within 10 minutes it becomes an incident of its own.
ask-late = <code>/{ $verb }</code> took more than a minute to reach me, so I did nothing yet. Press if you still mean it, or send it again.
ask-late-for = <code>/{ $verb }</code> for { $id } took more than a minute to reach me, so I did nothing yet. Press if you still mean it, or send it again.
ask-grant = Is this the right person?
    <b>{ $name }</b> · id <code>{ $id }</code>
    They would become { $permission } here. User names change hands, the id does not.

phase-began = ➡️ { $id }: <b>{ $phase }</b> ({ $number } of { $count }) begins, says { $name }. { $goal }.
phase-forced = Forced before everything was there: { $why }
phase-returned = ↩️ { $id } goes back to <b>{ $phase }</b>, says { $name }: { $why }
severity-set = { $emoji } { $id } is <b>{ $to }</b>, says { $name }.
severity-up = { $emoji } { $id } goes up from { $from } to <b>{ $to }</b>, says { $name }.
severity-down = { $emoji } { $id } goes down from { $from } to <b>{ $to }</b>, says { $name }.
severity-why = Why: { $why }
severity-escalation = { $text }.
closed-summary = ✅ <b>{ $id } is closed</b> after { $span }. { $title }
closed-cause = Root cause: { $cause }
closed-thanks = <code>/report { $id }</code> writes the report.
cancelled-false-alarm = ⚪ <b>{ $id } was a false alarm</b>: { $why }
cancelled-duplicate = ⚪ <b>{ $id } goes on as { $other }</b>: { $why }
reopened-summary = 🔓 <b>{ $id } is open again</b> in { $phase }, says { $name }: { $why }

drills-head = Drills of { $plan }
drills-none = { $plan } names no drills.
drills-line = • { $name } · { $severity }: <code>/drill { $id }</code>
drills-line-quarter = { $line } · quarter { $quarter }
drills-hint = Nothing has begun: until one of these has, every lever is real. A drill has an id of its own and a banner on every message; levers pulled in it are only simulated.
drill-begun = <b>{ $id } · { $name }</b> begins. { $summary }
drill-practises = What it practises:
drill-playbook = Do what you would do for real: the card leads, <code>/playbook { $name }</code> has the steps. Levers are asked for and approved as ever, and only simulated.
drill-playbooks = Do what you would do for real: the card leads, <code>/playbook</code> has the scenarios. Levers are asked for and approved as ever, and only simulated.
drill-real = Something real meanwhile? <code>/declare what you see</code>, and name that incident with each command.
todos-head = Follow-ups of { $id }
todos-none = { $id } has no follow-ups. Add one: <code>/todo what is to be done @name date</code>
todo-open = ⬜ { $number } { $text } — { $who }
todo-done = ✅ { $number } { $text } — { $who }
todo-due = { $who }, due { $due }
todo-overdue = { $who }, <b>was due { $due }</b>
todo-nobody = nobody yet
todos-hint = <code>/todo { $number } @name 2026-03-01</code> gives it to somebody, <code>/todo done { $number }</code> finishes it.

setup-head = <b>Settings of this chat</b>
setup-claimed-no = Not in use yet: an owner sends <code>/start</code>.
setup-plan = Plan: { $value } (<code>/setup plan { $known }</code>)
setup-plan-none = Plan: none is installed
setup-language = Language: { $value } (<code>/setup language { $known }</code>)
setup-timezone = Times: { $value } (<code>/setup timezone Europe/Berlin</code>)
setup-admins-on = Administrators: count as commanders (<code>/setup admins off</code>)
setup-admins-off = Administrators: no special rights (<code>/setup admins on</code> makes them commanders)
setup-responders-everybody = Responders: every member (<code>/setup responders granted</code>)
setup-responders-granted = Responders: only those granted (<code>/setup responders everybody</code>)
setup-home-yes = Alarms about the installation: here
setup-home-no = Alarms about the installation: not here (<code>/setup home</code>)
setup-can = My rights: { $rights }
setup-can-all = pinning, topics, deleting
setup-can-none = none. Make me an administrator who may pin messages and manage topics.
setup-can-missing = missing: { $missing }
right-pin = pinning
right-topics = topics
right-delete = deleting
setup-grants = Granted: { $names }
setup-grant = { $name } ({ $permission })
setup-grants-none = Granted: nobody yet (<code>/grant commander</code> as a reply to a person)

evidence-not-stored = ⚠️ { $id }: evidence E{ $number } is <b>not stored</b>: { $why }.
evidence-not-stored-too-large = Save the file yourself where it is safe, and note its place: <code>/note E{ $number } lies …</code>
evidence-not-stored-gone = Ask whoever has it to send it again, with <code>/evidence</code> as its caption.
evidence-not-stored-unreachable = Send <code>/evidence</code> again as a reply to it.
evidence-not-stored-disk = Whoever runs the bot must free space or mend the folder (its log says more); then send <code>/evidence</code> again as a reply to it.
export-caption = 📦 { $id }: everything that was recorded. VERIFY.html in it says how to check it.
    SHA-256 of this file: <code>{ $hash }</code>
export-caption-encrypted = Encrypted with age for those whom the installation names; they open it with <code>age --decrypt</code>.
export-too-large = The export of { $id } has { $size }: more than Telegram takes. It lies on the bot’s machine; the owners are told in private where.
export-failed = The export of { $id } could not be made: the bot’s evidence folder takes nothing. Whoever runs the bot finds the reason in its log; then send <code>/export { $id }</code> again.
export-refused = The export of { $id } is made, but Telegram did not take the file. It lies on the bot’s machine; the owners are told in private where.
export-kept = 📦 Telegram did not take the export of { $id }; the log says why. On the bot’s machine it lies here:
    <code>{ $path }</code>
export-on-host = 📦 The export of { $id } is too large for Telegram. On the bot’s machine it lies here:
    <code>{ $path }</code>
# Levers that were pulled without Telegram.
host-run-started = 🚨 <b>{ $lever } was started from { $door }</b> ({ $id }). Nobody had to approve it; a review is on the list of follow-ups.
host-run-imported = 🚨 <b>{ $lever } was run from { $door } at { $at }</b> ({ $id }), without this chat. A review is on the list of follow-ups.
host-run-why = Reason: { $why }
host-run-tally = Steps done: { $succeeded }, failed: { $failed }, outcome unknown: { $unknown }, left to do by hand: { $hand }
host-run-cut = It was cut off before its end. See /timeline for the last step.
