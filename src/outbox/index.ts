// Messages and their delivery

export { type CloudEvent, toCloudEvent } from './cloud-event.ts'
export type {
  EmptyPayload,
  EventPayloads,
  InformingMail,
  KeyMail,
  MailPayloads,
  MessageOf,
  MessagePayloads,
  NotificationPayloads,
  OutboxMessage,
  RetiredNames,
} from './messages.ts'
export type { DeliveryHandler } from './operations/deliver.ts'
export type {
  DeadMessage,
  DeliverOptions,
  Delivery,
  DeliveryAttempt,
  FailedMessage,
  OutboxOperations,
  OutboxStats,
} from './outbox.ts'
export type { SettingChange, ToldChange } from './told-change.ts'
