/**
 * Yields what is loaded for each item, in their order. What belongs to the next item is loaded while the reader works on
 * the last, so that the database and the process work at once; no more than one item is ahead of the reader. A reader
 * that stops waits for the load under way, and closes the source.
 */
export async function* oneAhead<Item, Loaded>(
  items: AsyncIterable<Item>,
  load: (item: Item) => Promise<Loaded>,
): AsyncGenerator<Loaded> {
  const source = items[Symbol.asyncIterator]()
  const loadNext = async () => {
    const next = await source.next()
    return next.done === true ? undefined : { loaded: await load(next.value) }
  }
  let ahead = loadNext()
  try {
    for (let next = await ahead; next !== undefined; next = await ahead) {
      ahead = loadNext()
      // A failure is the reader's once it asks for the next; until then no other code would handle it.
      ahead.catch(() => {})
      yield next.loaded
    }
  } finally {
    await ahead.catch(() => {})
    await source.return?.()
  }
}
