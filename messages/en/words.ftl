# Words and short forms that other phrases are put together from.

month-1 = Jan
month-2 = Feb
month-3 = Mar
month-4 = Apr
month-5 = May
month-6 = Jun
month-7 = Jul
month-8 = Aug
month-9 = Sep
month-10 = Oct
month-11 = Nov
month-12 = Dec
day-short = { $day } { $month }
day-long = { $day } { $month } { $year }

span-none = less than a minute
span-minutes = { $m } min
span-hours = { $h } h
span-hours-minutes = { $h } h { $m } min
span-days = { $d } d
span-days-hours = { $d } d { $h } h

permission-a-stranger = a stranger
permission-a-responder = a responder
permission-a-commander = a commander
permission-a-approver = an approver
permission-a-owner = an owner
permission-stranger = stranger
permission-responder = responder
permission-commander = commander
permission-approver = approver
permission-owner = owner

state-open = open
state-closed = closed
state-cancelled = called off

item-open = open
item-ticked = ticked already
item-skipped = skipped already

by-bot = the bot
nobody = nobody
list-and = { $first } and { $last }

drill = 🧪 <b>DRILL</b> · a rehearsal, nothing real is touched
drill-short = 🧪 <b>DRILL</b>
severity-none = no severity yet
severity-named = { $code } { $name }

lever-rotate = rotate { $name }
lever-rotate-all = rotate every credential
lever-every-credential = Every credential
lever-collect = collect { $name }

evidence-message = message
evidence-waiting = 📎 E{ $number } { $name } · being stored
evidence-stored = 🔒 E{ $number } { $name } · SHA-256 { $hash }
evidence-failed = ⚠️ E{ $number } { $name } · not stored: { $why }

not-stored-too-large = it is larger than the 20 MB that Telegram gives to bots
not-stored-gone = Telegram does not have it any more
not-stored-unreachable = Telegram did not hand it over, however often I asked
not-stored-disk = the bot’s evidence folder takes nothing

size-bytes = { $count } B
size-kilobytes = { $count } kB
size-megabytes = { $count } MB
