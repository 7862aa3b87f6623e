/** The items that are loaded ahead of the reader: while the process takes in one, the database has the next to work on. */
const itemsAhead = 2

/**
 * Yields what is loaded for each item, in their order. What belongs to the next two items is loaded while the reader
 * works on the last, so that the database and the process work at once; no more are ahead of the reader. The items
 * themselves are asked for one by one. A reader that stops waits for the loads under way, and closes the source.
 */
export async function* readAhead<Item, Loaded>(
  items: AsyncIterable<Item>,
  load: (item: Item) => Promise<Loaded>,
): AsyncGenerator<Loaded> {
  const source = items[Symbol.asyncIterator]()
  let last: Promise<unknown> = Promise.resolve()
  const begin = () => {
    const next = last.then(() => source.next())
    const loading = next.then(async (step) => (step.done === true ? undefined : { loaded: await load(step.value) }))
    // A failure is the reader's once it asks for the item; until then no other code would handle it.
    loading.catch(() => {})
    last = next.catch(() => {})
    return loading
  }
  const ahead = Array.from({ length: itemsAhead }, begin)
  try {
    for (let next = await ahead.shift(); next !== undefined; next = await ahead.shift()) {
      ahead.push(begin())
      yield next.loaded
    }
  } finally {
    await Promise.allSettled(ahead)
    await source.return?.()
  }
}
