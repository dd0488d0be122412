//! Stories: what people do in a chat, and every message that they see because of it.

mod calm;
mod chats;
mod codes;
mod declare;
mod demo;
mod evidence;
mod host;
mod hostile;
mod leaks;
mod levers;
mod people;
mod reading;
mod work;
