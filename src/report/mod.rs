//! stub
use crate::incident::Incident; use crate::messages::View;
/// x
pub fn markdown(_v:&View<'_>, i:&Incident)->(String,String){(format!("{}.md",i.id),String::new())}
