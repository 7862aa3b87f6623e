// The pipeline, and the retirements that move through it

export type { Advance } from './next-piece.ts'
export type { AdvanceOptions } from './operations/advance.ts'
export type { CancelTarget } from './operations/cancel.ts'
export type { ClaimOptions } from './operations/claim.ts'
export type { FoundRetirement } from './operations/find-retirements.ts'
export type { HeartbeatOptions } from './operations/heartbeat.ts'
export type { Period, RetirementFilter, RetirementMove } from './operations/list-retirements.ts'
export type { Claim } from './operations/load-retirement.ts'
export type { MoveManyRequest, MoveManyResult, MoveRequest } from './operations/move-retirement.ts'
export type { ReopenResult } from './operations/reopen.ts'
export type { RequestManyResult, RequestOptions, RetirementCandidate } from './operations/request.ts'
export type { RetirementGroup, RetirementStats } from './operations/retirement-stats.ts'
export type { RetirementProgress, WorkOptions, WorkSummary } from './operations/work.ts'
export { defaultPipeline, definePipeline, type Pipeline, type PipelinePlan, type RetirementStep } from './pipeline.ts'
export type { PartnerReportOperations, RetirementOperations } from './retirement.ts'
export type { RetirementDocument, RetirementStateDocument } from './retirement-document.ts'
export type { PlannedSource, PlannedStep, RetainedColumn, RetirementPlan } from './retirement-plan.ts'

// Reports to partners, and the end of a retirement

export type { ArchiveRecord, ArchiveRequest } from './operations/clean-up.ts'
export type { OverdueReports, PartnerBatch, PartnerReport, TakeOptions } from './operations/partner-reports.ts'
export type { VerifyOptions } from './operations/verify.ts'
export type { CleanUpOptions } from './retirement-writes.ts'
export type { NotLookedAt, Trace, Verification } from './verification.ts'

// Proof of what was done

export { fileJournal } from './file-journal.ts'
export type { ClosedHolds } from './operations/close-holds.ts'
export type { HoldRequest, RetirementHold } from './operations/holds.ts'
export type { RetirementReceipt, SealResult } from './operations/receipts.ts'
export type { Replayed, ReplayRequest } from './operations/replay.ts'
export type { ProofOperations } from './proof.ts'
export type { ReceiptHead, ReceiptProblem } from './receipt-chain.ts'

// Names and addresses that are retired

export type { RehashResult } from './operations/replace-retired-forms.ts'
export type { AccountIdentifier } from './operations/retired-identifiers.ts'
export type { RetiredOperations } from './retired.ts'
