/** A map that keeps its `max` entries that were used last. */
export interface LeastUsed<Value> {
  /** The value of a key, which counts as a use. */
  get(key: string): Value | undefined
  /** Sets a value. Returns what had to go for it. */
  set(key: string, value: Value): Value | undefined
  delete(key: string): void
  clear(): void
}

export function leastUsed<Value>(max: number): LeastUsed<Value> {
  // A map gives its keys in the order in which they came in: the least used one is the first.
  const entries = new Map<string, Value>()
  return {
    get(key) {
      const value = entries.get(key)
      if (value === undefined) return undefined
      entries.delete(key)
      entries.set(key, value)
      return value
    },
    set(key, value) {
      entries.delete(key)
      entries.set(key, value)
      if (entries.size <= max) return undefined
      const [oldest] = entries
      if (oldest === undefined) return undefined
      entries.delete(oldest[0])
      return oldest[1]
    },
    delete: (key) => void entries.delete(key),
    clear: () => entries.clear(),
  }
}
