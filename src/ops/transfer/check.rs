//! Whether the records of an export are in their order, all there, and as the
//! log says.

use super::Record;
use crate::domain::{Audit, Discrepancy, Error, Head, KeyMark, Refusal};

/// An export being read.
pub(super) struct Check {
    stage: Stage,
    key_count: u64,
}

enum Stage {
    /// Before the head.
    Start,
    /// In the log that ends with this head.
    Log(Head, Box<Audit<'static>>),
    /// Among the keys.
    Keys(Box<Audit<'static>>),
    /// After the end.
    Done(Head),
}

impl Check {
    pub(super) fn new() -> Check {
        Check {
            stage: Stage::Start,
            key_count: 0,
        }
    }

    /// The next record.
    ///
    /// # Errors
    /// [`Refusal::ExportAltered`] if it is not what those before it say, and
    /// [`Refusal::ExportDisordered`] if it has no business here.
    pub(super) fn take(&mut self, record: &Record) -> Result<(), Error> {
        let stage = std::mem::replace(&mut self.stage, Stage::Start);
        self.stage = self.after(stage, record).map_err(Error::Refused)?;
        Ok(())
    }

    /// After the last record: the head, and how many keys there were.
    ///
    /// # Errors
    /// [`Refusal::ExportCut`] if it was not the last.
    pub(super) fn finish(self) -> Result<(Head, u64), Error> {
        match self.stage {
            Stage::Done(head) => Ok((head, self.key_count)),
            Stage::Start | Stage::Log(..) | Stage::Keys(_) => {
                Err(Error::Refused(Refusal::ExportCut))
            }
        }
    }

    fn after(&mut self, stage: Stage, record: &Record) -> Result<Stage, Refusal> {
        match (stage, record) {
            (Stage::Start, Record::Head(head)) => {
                let audit = Box::new(Audit::new(&head.store_id, None));
                Ok(Stage::Log(head.clone(), audit))
            }
            (Stage::Log(head, mut audit), Record::Event(event)) => {
                audit.event(event).map_err(altered)?;
                Ok(Stage::Log(head, audit))
            }
            (Stage::Log(head, audit), Record::Policy(policy)) => {
                audit.end_of_log(&head).map_err(altered)?;
                audit.policy(policy).map_err(altered)?;
                Ok(Stage::Keys(audit))
            }
            (Stage::Keys(mut audit), Record::Key { added_by, key }) => {
                audit.row(*added_by, &KeyMark::of(key)).map_err(altered)?;
                self.key_count += 1;
                Ok(Stage::Keys(audit))
            }
            (Stage::Keys(audit), Record::End { key_count }) if *key_count == self.key_count => {
                Ok(Stage::Done(audit.finish().map_err(altered)?.head))
            }
            (Stage::Keys(_), Record::End { .. }) => Err(Refusal::ExportCut),
            _ => Err(Refusal::ExportDisordered),
        }
    }
}

fn altered(difference: Discrepancy) -> Refusal {
    Refusal::ExportAltered(difference)
}
