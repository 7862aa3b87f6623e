// Calls that are made once, lists that go on, and tracing

export type { IdempotencyOperations } from './idempotency.ts'
export type { OnceOptions, Replayable } from './once.ts'
export type { Page, PageOptions } from './pages.ts'
export type { TracingContext } from './tracing.ts'
