//! Stories: what people do in a chat, and every message that they see because of it.

mod calm;
mod chats;
mod choices;
mod codes;
mod declare;
mod demo;
mod drills;
mod endings;
mod evidence;
mod host;
mod hostile;
mod lanes;
mod late;
mod leaks;
mod levers;
mod menus;
mod operator;
mod people;
mod quiet;
mod reading;
mod tongues;
mod work;
