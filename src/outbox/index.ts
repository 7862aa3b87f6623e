// Messages and their delivery

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
export type { DeliverOptions, Delivery, OutboxOperations } from './outbox.ts'
export type { SettingChange, ToldChange } from './told-change.ts'
