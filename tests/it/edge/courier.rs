//! Stories of delivery.

mod cards;
mod forms;
mod order;
mod waiting;
