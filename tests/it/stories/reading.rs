//! Commands that only show something.

use crate::harness::Harness;

#[tokio::test(flavor = "multi_thread")]
async fn the_plan_and_its_parts_are_shown() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.as_user("Bob").says("/plan").await, @"
    🤖 (silent) TARS incident response · version 1.0, in force
    Quick, ordered answers to security incidents in TARS.
    Next review on 17 May (quarterly).

    Severities
    🔴 P0 Critical — respond within 15 min, contain within 1 h
    Production, secrets or customer data are lost or being lost. All hands, at once.
    • The production database is compromised
    • API keys are public
    • Customer data was breached
    • The trading system (Polymarket) is compromised
    • Everything is down
    ↗ Tell all stakeholders at once
    Update every 30 min
    🟠 P1 High — respond within 1 h, contain within 2 h
    An attack is under way or a barrier is broken. Urgent.
    • Somebody tries to get in without permission
    • A DDoS attack is running
    • A way around authentication was found
    • Payments misbehave
    • Data may have lost its integrity
    ↗ Call the Incident Commander
    Update every 1 h
    🟡 P2 Medium — respond within 4 h
    Suspicious or weak, without harm so far. Planned work.
    • Passwords seem to be tried by brute force
    • Clients break their rate limits
    • A small misconfiguration with security effect
    • A vulnerable dependency that is not critical
    ↗ Put it on record, look at it in business hours
    Update every 1 d
    🟢 P3 Low — respond within 1 d
    Housekeeping. When there is time.
    • A finding of a security scan
    • Documentation that needs an update
    • A dependency update of low severity
    ↗ Keep it in the issue tracker
    Phases
    1. Identification (start to 15 min) — Make sure that it is real, and how bad it is
    2. Containment (15 min to 1 h) — Stop the spread
    3. Eradication (1 h to 4 h) — Get the threat out, all of it
    4. Recovery (4 h to 1 d) — Back to normal, safely
    5. Post-incident (1 d to 3 d) — Learn from it and get better

    Roles: Incident Commander, Investigator, Communicator, Remediator
    4 playbooks, 35 procedures, 8 contacts, 20 checklist items, 4 drills
    Targets
    Mean time to detect (MTTD): below 15 min
    Mean time to contain (MTTC): below 1 h
    Mean time to resolve (MTTR): below 4 h
    False positive rate: below 5 %
    Incidents per month: at most 0
    Where to look
    Anthropic console: API keys: console.anthropic.com
    n8n: settings and API tokens: n8n.srv1378974.hstgr.cloud
    Vercel: project, firewall, Attack Challenge Mode: vercel.com
    Cloudflare: Security, DDoS: dash.cloudflare.com
    Further reading
    NIST SP 800-61 r3, incident response (r2 was withdrawn in April 2025): csrc.nist.gov
    OWASP on incident response: owasp.org
    SANS on incident response: www.sans.org
    Versions
    1.0 (17 Feb): First plan for TARS.
    Revision 4cd450d6516f
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/playbook").await, @"
    🤖 (silent) Playbooks
    • API key exposed — /playbook leaked_key
    • Database breach — /playbook database_breach
    • Unauthorized access — /playbook unauthorized_access
    • DDoS attack — /playbook ddos
    [ API key exposed ] [ Database breach ]
    [ Unauthorized access ] [ DDoS attack ]
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/playbook leaked key").await, @"
    🤖 (silent) 📖 API key exposed · usually P0 Critical
    Signs
    • A key stands in a public repository, a log or a chat
    • API usage looks unusual
    • Anthropic costs more than 100 USD in an hour
    What to do
    1. Revoke the old key in the provider's dashboard
    2. Create a new key
    3. Put it into the environment variables
    4. Restart the services that use it (⚙ Restart services)
    5. Watch the API usage for anything unusual
    6. Anthropic: revoke in the console, create anew, update ANTHROPIC_API_KEY console.anthropic.com (⚙ rotate Anthropic API key)
    7. n8n: revoke the API token in the settings, create anew, update N8N_API_KEY n8n.srv1378974.hstgr.cloud (⚙ rotate n8n API key)
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/playbook aliens").await, @"🤖 (silent) I know no playbook “aliens”. There is: leaked_key, database_breach, unauthorized_access, ddos.");
    insta::assert_snapshot!(room.as_user("Bob").says("/procedures").await, @"
    🤖 (silent) What can be pulled here. You are a responder.
    Commanders ask, approvers and owners agree.
    ⚙ Emergency shutdown · destructive · 2 must agree · an owner may break the glass
    /emergency_shutdown
    1. Switch maintenance mode on 2. Pause the project at Vercel 3. Stop the workflows 4. Stop the trading agent 5. Tell the team
    Touches: Web app, n8n workflows, Vercel project
    Taken back by Restore service
    ⚙ Lockdown · reversible · a press confirms · an owner may break the glass
    /lockdown
    1. Switch maintenance mode on 2. Capture the sessions before they end 3. End every session 4. Let only administrators' addresses in 5. Tell the team
    Touches: Web app, Every session, Firewall of the server
    Taken back by End the lockdown
    ⚙ End the lockdown · reversible · a press confirms
    /run unlock
    1. Load the usual firewall rules 2. Switch maintenance mode off
    Touches: Web app, Firewall of the server
    Taken back by Lockdown
    ⚙ Restore service · destructive · 2 must agree
    /restore
    1. Resume the project at Vercel 2. Begin with reading only 3. Have the app connect anew 4. Switch maintenance mode off 5. The app answers 6. Allow writing: core functions 7. Have the app connect again 8. Sign-in works 9. Start the agent 10. Start the workflows 11. The webhook works
    Touches: Web app, n8n workflows, Vercel project, Database
    ⚙ Rollback · destructive · 2 must agree
    /rollback 1a2b3c4 2026-02-17.db
    1. Check that the backup is whole 2. Check that the backup holds users 3. Snapshot what is there now 4. Check the commit out beside the present one 5. The second working copy is that commit 6. Nothing else lies in it 7. Install the dependencies 8. Build 9. Stop the app 10. Swap the database in one move 11. Make the second working copy the current one 12. Start the app 13. The app answers 14. The database is whole 15. Keep the second working copy
    Touches: Web app, Database file, Repository (a second working copy)
    ⚙ Patch and deploy · destructive · 2 must agree
    /run patch
    1. Fetch the security patches 2. Take them, if nothing diverged 3. Install the dependencies 4. Build 5. Restart the app 6. The app answers
    Touches: Web app, Dependencies, Repository
    ⚙ Collect evidence · reversible · only looks
    /collect
    1. Open the incident's workspace 2. Gather logs, database, repository, network
    Touches: Logs, Database (reading), Repository (reading)
    ⚙ Search for injected code · reversible · a press confirms
    /run search_injected
    1. Search files, commits and rows
    Touches: Repository (reading), Database (reading)
    ⚙ Verify recovery · reversible · only looks
    /verify
    1. The app answers 2. Sign-in works 3. The API works 4. The webhook works 5. Users are there 6. Products are there 7. The certificate is good
    Touches: Web app (reading), Database (reading)
    ⚙ Write the report · reversible · a press confirms
    /run report
    1. Produce the report
    Touches: Nothing outside
    ⚙ Close API routes · reversible · a press confirms
    /run disable_routes
    1. Switch the firewall rule for API routes on
    Touches: API routes at Vercel
    Taken back by Open API routes
    ⚙ Open API routes · reversible · a press confirms
    /run enable_routes
    1. Switch the firewall rule for API routes off
    Touches: API routes at Vercel
    Taken back by Close API routes
    ⚙ Close one API route · reversible · a press confirms
    /run close_route products
    1. Switch the firewall rule for this route on
    Touches: One API route at Vercel
    Taken back by Open one API route
    ⚙ Open one API route · reversible · a press confirms
    /run open_route products
    1. Switch the firewall rule for this route off
    Touches: One API route at Vercel
    Taken back by Close one API route
    ⚙ Disable the Anthropic key · reversible · a press confirms
    /run disable_anthropic_key
    1. Disable the key
    Touches: Anthropic API key
    Taken back by Enable the Anthropic key
    ⚙ Enable the Anthropic key · reversible · a press confirms
    /run enable_anthropic_key
    1. Enable the key
    Touches: Anthropic API key
    Taken back by Disable the Anthropic key
    🤖 (silent) ⚙ Stop one workflow · reversible · a press confirms
    /run stop_workflow 2tUt1wbLX592XDdX
    1. Switch the workflow off
    Touches: One n8n workflow
    Taken back by Start one workflow
    ⚙ Start one workflow · reversible · a press confirms
    /run start_workflow 2tUt1wbLX592XDdX
    1. Switch the workflow on
    Touches: One n8n workflow
    Taken back by Stop one workflow
    ⚙ Block an address at Cloudflare · reversible · a press confirms
    /run block_address_cloudflare 203.0.113.7
    1. Block the address
    Touches: n8n visitors
    Taken back by Unblock an address at Cloudflare
    ⚙ Unblock an address at Cloudflare · reversible · a press confirms
    /run unblock_address_cloudflare 203.0.113.7
    1. Unblock the address
    Touches: n8n visitors
    Taken back by Block an address at Cloudflare
    ⚙ Tighten rate limits · reversible · a press confirms
    /run tighten_limits
    1. Switch emergency limits on
    Touches: Web app
    Taken back by Usual rate limits
    ⚙ Usual rate limits · reversible · a press confirms
    /run usual_limits
    1. Switch emergency limits off
    Touches: Web app
    Taken back by Tighten rate limits
    ⚙ Listed addresses only · reversible · a press confirms
    /run allow_list
    1. Load the rules with the list of addresses
    Touches: Firewall of the server
    Taken back by Every address again
    ⚙ Every address again · reversible · a press confirms
    /run every_address
    1. Load the usual firewall rules
    Touches: Firewall of the server
    Taken back by Listed addresses only
    ⚙ Block an address · reversible · a press confirms
    /run block_address 203.0.113.7
    1. Put the address on the block list
    Touches: Firewall of the server
    Taken back by Unblock an address
    ⚙ Unblock an address · reversible · a press confirms
    /run unblock_address 203.0.113.7
    1. Take the address off the block list
    Touches: Firewall of the server
    Taken back by Block an address
    ⚙ Attack mode · reversible · a press confirms
    /run attack_mode
    1. Vercel: Attack Challenge Mode on 2. Cloudflare: Under Attack on
    Touches: Web app visitors, n8n visitors
    Taken back by End attack mode
    ⚙ End attack mode · reversible · a press confirms
    /run attack_mode_off
    1. Vercel: Attack Challenge Mode off 2. Cloudflare: usual security level
    Touches: Web app visitors, n8n visitors
    Taken back by Attack mode
    ⚙ End one user's sessions · reversible · a press confirms
    /run end_user_sessions u4
    1. Capture the sessions before they end 2. End the user's sessions
    Touches: Sessions of one user
    ⚙ End all sessions · reversible · a press confirms
    /run end_all_sessions
    1. Capture the sessions before they end 2. End every session
    Touches: Every session
    ⚙ Force a new password · reversible · a press confirms
    /run force_password_reset yuki@tars.example
    1. Mark the password as to be changed
    Touches: One user account
    ⚙ Close database connections · reversible · a press confirms
    /run close_connections tars_app
    1. Capture the list of connections 2. Close the role's connections
    Touches: Database connections
    ⚙ Database read-only · reversible · a press confirms
    /run read_only
    1. Make the app's role read-only 2. Have the app connect anew
    Touches: Database
    Taken back by Database writable
    ⚙ Database writable · reversible · a press confirms
    /run read_write
    1. Let the app's role write 2. Have the app connect anew
    Touches: Database
    Taken back by Database read-only
    ⚙ Restart services · reversible · a press confirms
    /run restart_services
    1. Restart the app 2. Restart the agent 3. Restart the workflows 4. The app answers
    Touches: Web app, n8n workflows, Agent
    🔑 Can be rotated: NextAuth secret, n8n API key, Anthropic API key, Database password, SSH keys, Webhook secrets, Telegram bot token (/rotate)
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/contacts").await, @"
    🤖 (silent) The team
    Incident Commander: Owner · nobody bound yet, /contact incident_commander @name · backup Technical Lead — Has the final decision
    Technical Lead: TARS Agent · nobody bound yet, /contact technical_lead @name · Telegram — Investigates and remediates
    Communications: nobody bound yet, /contact communications @name — Notifies stakeholders
    Legal: nobody bound yet, /contact legal @name — Compliance and reports to authorities

    Outside
    Anthropic Support: support@anthropic.com — An API key is compromised
    Vercel Support: support@vercel.com — Trouble with the infrastructure
    n8n Support: support@n8n.io — A workflow is compromised
    Hosting Provider — The server is compromised; filtering upstream
    ");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn help_shows_what_one_may_do() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.as_user("Bob").says("/help").await, @"
    🤖 (silent) I run your team's response plan here. Your permission: responder.

    In an incident
    /declare [severity] <title> — Open an incident
    /status [all or ID] — Where things stand
    /ack — Say that you have seen it
    /done <number>… — Tick checklist items
    /next [force <why>] — Begin the next phase
    /role <role> [@name] — Take or give a role
    /severity <code> [why] — Change how bad it is
    /skip <number> <why> — An item does not apply
    /untick <number> — Open an item again
    /back <why> — Return to the phase before

    Writing down
    /note <text> — Write something down
    /set <field> <value> — Record a fact
    /evidence [what it shows] — Keep a message or file
    /todo <text> [@name] [date] — Add or give out a follow-up

    Looking things up
    /playbook [name] — What to do in a scenario
    /contacts — Whom to call
    /timeline [ID] — What happened so far
    /todos [ID] — Follow-ups
    /plan — The plan in short
    /procedures — What the plan can execute

    Always
    /help [command] — What you can do here
    /whoami — Your id and what you may do

    /help command shows how one is used. With several open incidents, put the id first: /done SEC-2026-007 2, or reply to a card.
    ");
    insta::assert_snapshot!(room.as_user("Olivia").says("/help").await, @"
    🤖 (silent) I run your team's response plan here. Your permission: owner.

    In an incident
    /declare [severity] <title> — Open an incident
    /status [all or ID] — Where things stand
    /ack — Say that you have seen it
    /done <number>… — Tick checklist items
    /next [force <why>] — Begin the next phase
    /role <role> [@name] — Take or give a role
    /severity <code> [why] — Change how bad it is
    /skip <number> <why> — An item does not apply
    /untick <number> — Open an item again
    /back <why> — Return to the phase before

    Writing down
    /note <text> — Write something down
    /set <field> <value> — Record a fact
    /evidence [what it shows] — Keep a message or file
    /todo <text> [@name] [date] — Add or give out a follow-up

    Looking things up
    /playbook [name] — What to do in a scenario
    /contacts — Whom to call
    /timeline [ID] — What happened so far
    /todos [ID] — Follow-ups
    /plan — The plan in short
    /procedures — What the plan can execute

    For commanders
    /close [force <why>] — Close the incident
    /cancel false_alarm <why>, or duplicate <ID> <why> — Call an incident off
    /reopen [ID] <why> — Take an ended incident up again
    /report [ID] [md] — Write the report
    /export [ID] — Make a ZIP of everything, for others to check
    /contact <contact> @name [backup @name] — Bind a contact to a person
    /totp [code] — Your second factor, in private
    /audit [number] — Who did what, and who was refused

    Levers
    /emergency_shutdown [dry] [why] — Take everything off the air
    /lockdown [dry] [why] — Keep everybody out but the team
    /restore [dry] [why] — Bring the service back
    /rollback [dry] <target> [why] — Go back to a known good state
    /rotate [name or all] [dry] — Rotate one credential, or all
    /collect [dry] [why] — Gather the evidence
    /verify [dry] [why] — Check that everything works
    /run <procedure> [dry] [target] [why] — Run a procedure of the plan
    /drill [drill] — Rehearse the plan
    /approve <request> [number] — Agree to a request
    /deny <request> — Say no to a request
    /abort [request or run] [why] — Stop a countdown, or a run between two steps
    /step [run] [step] done|retry|skip|undo — Decide about a step that waits

    For owners
    /grant <responder, commander or approver> [@name or id] — Give somebody a permission
    /revoke [@name or id] — Take a permission back
    /setup [setting value] — Settings of this chat
    /language <code> — Choose the language

    Always
    /help [command] — What you can do here
    /whoami — Your id and what you may do

    /help command shows how one is used. With several open incidents, put the id first: /done SEC-2026-007 2, or reply to a card.
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/help skip").await, @"
    🤖 (silent) /skip <number> <why>
    Marks it as not needed, with your reason on record. Items that guard the next phase need a commander.
    For example: /skip 8 no customers are concerned
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/help@breakglass_bot next").await, @"
    🤖 (silent) /next [force <why>]
    Works once everything is ticked that the phase needs. A commander can force it and says why.
    For example: /next
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/help@another_bot").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/shutdown_everything").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/status").await, @"🤖 (silent) Nothing is open here. /declare what you see opens an incident.");
    insta::assert_snapshot!(room.as_user("Bob").says("/timeline").await, @"🤖 (silent) No incident is open here. /declare opens one.");
    harness.end().await;
}
