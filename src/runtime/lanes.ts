/** Runs calls with the same key one after the other, in their order; their errors are passed on. */
export interface Lanes {
  run<Result>(key: string, work: () => Promise<Result>): Promise<Result>
}

/** Makes the lanes of one process. A lane is removed when no call waits in it. */
export function lanes(): Lanes {
  const last = new Map<string, Promise<unknown>>()
  return {
    run(key, work) {
      const turn = (last.get(key) ?? Promise.resolve()).then(work)
      const ended = turn.catch(() => {})
      last.set(key, ended)
      void ended.then(() => {
        if (last.get(key) === ended) last.delete(key)
      })
      return turn
    },
  }
}
