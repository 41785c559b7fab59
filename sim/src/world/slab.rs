//! A slab: values under small numbers that are reused.

/// Values under slots. Iteration is in order of slot.
#[derive(Clone, Debug)]
pub(crate) struct Slab<T> {
    cells: Vec<Option<T>>,
    free: Vec<u32>,
}

impl<T> Slab<T> {
    pub(crate) const fn new() -> Self {
        Self { cells: Vec::new(), free: Vec::new() }
    }

    #[inline]
    pub(crate) fn insert(&mut self, value: T) -> u32 {
        if let Some(slot) = self.free.pop() {
            debug_assert!(self.cells[slot as usize].is_none(), "a free slot is empty");
            self.cells[slot as usize] = Some(value);
            return slot;
        }
        self.cells.push(Some(value));
        u32::try_from(self.cells.len() - 1).expect("fewer than 2^32 things are pending")
    }

    #[inline]
    pub(crate) fn remove(&mut self, slot: u32) -> Option<T> {
        let value = self.cells.get_mut(slot as usize)?.take()?;
        self.free.push(slot);
        Some(value)
    }

    #[inline]
    pub(crate) fn get(&self, slot: u32) -> Option<&T> {
        self.cells.get(slot as usize)?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, slot: u32) -> Option<&mut T> {
        self.cells.get_mut(slot as usize)?.as_mut()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        (0..).zip(&self.cells).filter_map(|(slot, cell)| Some((slot, cell.as_ref()?)))
    }

    pub(crate) fn len(&self) -> usize {
        self.cells.len() - self.free.len()
    }
}
