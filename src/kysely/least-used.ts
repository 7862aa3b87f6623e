/** A map that keeps the `max` entries that were used last. */
export interface LeastUsed<Value> {
  /** Returns the value of a key, which counts as a use. */
  get(key: string): Value | undefined
  /** Sets a value. Returns the value that was dropped for it. */
  set(key: string, value: Value): Value | undefined
  delete(key: string): void
  clear(): void
}

export function leastUsed<Value>(max: number): LeastUsed<Value> {
  // A `Map` iterates over keys in the order in which they were set: the least used one is the first.
  const entries = new Map<string, Value>()
  return {
    get(key) {
      const value = entries.get(key)
      // While half of the places are free, keys are not moved: none is dropped before the other half is set as well.
      if (value === undefined || entries.size <= max / 2) return value
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
