// The pipeline, and the retirements that move through it

export type { CancelTarget } from './operations/cancel.ts'
export type { ClaimOptions } from './operations/claim.ts'
export type { Period, RetirementFilter, RetirementMove } from './operations/list-retirements.ts'
export type { Claim } from './operations/load-retirement.ts'
export type { MoveManyRequest, MoveManyResult, MoveRequest } from './operations/move-retirement.ts'
export type { RequestManyResult, RetirementCandidate } from './operations/request.ts'
export { defaultPipeline, definePipeline, type Pipeline, type PipelinePlan, type RetirementStep } from './pipeline.ts'
export type { PartnerReportOperations, RetirementOperations } from './retirement.ts'
export type { RetirementDocument, RetirementStateDocument } from './retirement-document.ts'

// Reports to partners, and the end of a retirement

export type { ArchiveRecord, ArchiveRequest } from './operations/clean-up.ts'
export type { OverdueReports, PartnerBatch, PartnerReport, TakeOptions } from './operations/partner-reports.ts'
export type { CleanUpOptions } from './retirement-writes.ts'

// Names and addresses that are retired

export type { RehashResult } from './operations/replace-retired-forms.ts'
export type { AccountIdentifier } from './operations/retired-identifiers.ts'
export type { RetiredOperations } from './retired.ts'
