CREATE TABLE `usercore_account_history` (
  `user_id` bigint NOT NULL,
  `id` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `field` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `old_value` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `reason` longtext COLLATE utf8mb4_0900_bin NOT NULL,
  `changed_by` bigint DEFAULT NULL,
  `changed_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  KEY `usercore_account_history_user_id` (`user_id`),
  CONSTRAINT `usercore_account_history_user_fk` FOREIGN KEY (`user_id`) REFERENCES `usercore_users` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
CREATE TABLE `usercore_account_recoveries` (
  `user_id` bigint NOT NULL,
  `secondary_email` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `secondary_email_key` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `is_active` tinyint(1) NOT NULL,
  PRIMARY KEY (`user_id`),
  UNIQUE KEY `secondary_email_key` (`secondary_email_key`),
  CONSTRAINT `usercore_account_recoveries_user_fk` FOREIGN KEY (`user_id`) REFERENCES `usercore_users` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
CREATE TABLE `usercore_course_tags` (
  `user_id` bigint NOT NULL,
  `course_id` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `key` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `value` longtext COLLATE utf8mb4_0900_bin,
  `version` int NOT NULL,
  PRIMARY KEY (`user_id`,`course_id`,`key`),
  CONSTRAINT `usercore_course_tags_user_fk` FOREIGN KEY (`user_id`) REFERENCES `usercore_users` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
CREATE TABLE `usercore_deactivations` (
  `user_id` bigint NOT NULL,
  `sequence` int NOT NULL,
  `reason` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `deactivated_until` datetime(6) DEFAULT NULL,
  `deactivated_by` bigint DEFAULT NULL,
  `deactivated_at` datetime(6) NOT NULL,
  `ended_at` datetime(6) DEFAULT NULL,
  `ended_by` bigint DEFAULT NULL,
  `end_reason` varchar(255) COLLATE utf8mb4_0900_bin DEFAULT NULL,
  PRIMARY KEY (`user_id`,`sequence`),
  CONSTRAINT `usercore_deactivations_user_fk` FOREIGN KEY (`user_id`) REFERENCES `usercore_users` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
CREATE TABLE `usercore_extended_profile_history` (
  `user_id` bigint NOT NULL,
  `id` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `owner` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `field_name` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `old_value` json DEFAULT NULL,
  `new_value` json DEFAULT NULL,
  `changed_by` bigint DEFAULT NULL,
  `changed_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  KEY `usercore_extended_profile_history_user_id` (`user_id`,`field_name`),
  CONSTRAINT `usercore_extended_profile_history_user_fk` FOREIGN KEY (`user_id`) REFERENCES `usercore_users` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
CREATE TABLE `usercore_extended_profiles` (
  `user_id` bigint NOT NULL,
  `owner` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `document` longtext COLLATE utf8mb4_0900_bin NOT NULL,
  `schema_version` int NOT NULL,
  PRIMARY KEY (`user_id`,`owner`),
  CONSTRAINT `usercore_extended_profiles_user_fk` FOREIGN KEY (`user_id`) REFERENCES `usercore_users` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
CREATE TABLE `usercore_former_usernames` (
  `user_id` bigint NOT NULL,
  `username` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `username_key` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `replaced_at` datetime(6) NOT NULL,
  PRIMARY KEY (`username_key`),
  KEY `usercore_former_usernames_user_id` (`user_id`),
  CONSTRAINT `usercore_former_usernames_user_fk` FOREIGN KEY (`user_id`) REFERENCES `usercore_users` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
CREATE TABLE `usercore_idempotency_keys` (
  `key_hash` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `operation` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `fingerprint` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `user_id` bigint NOT NULL,
  `reference` json NOT NULL,
  `created_at` datetime(6) NOT NULL,
  `expires_at` datetime(6) NOT NULL,
  PRIMARY KEY (`key_hash`),
  KEY `usercore_idempotency_keys_expires_at` (`expires_at`),
  KEY `usercore_idempotency_keys_user_id` (`user_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
CREATE TABLE `usercore_language_proficiencies` (
  `user_id` bigint NOT NULL,
  `code` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  PRIMARY KEY (`user_id`,`code`),
  CONSTRAINT `usercore_language_proficiencies_user_fk` FOREIGN KEY (`user_id`) REFERENCES `usercore_users` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
CREATE TABLE `usercore_org_tags` (
  `user_id` bigint NOT NULL,
  `org` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `key` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `value` longtext COLLATE utf8mb4_0900_bin,
  `version` int NOT NULL,
  `created_at` datetime(6) NOT NULL,
  `modified_at` datetime(6) NOT NULL,
  PRIMARY KEY (`user_id`,`org`,`key`),
  CONSTRAINT `usercore_org_tags_user_fk` FOREIGN KEY (`user_id`) REFERENCES `usercore_users` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
CREATE TABLE `usercore_outbox` (
  `id` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `kind` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `name` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `user_id` bigint NOT NULL,
  `payload` json NOT NULL,
  `created_at` datetime(6) NOT NULL,
  `leased_until` datetime(6) DEFAULT NULL,
  `lease` varchar(255) COLLATE utf8mb4_0900_bin DEFAULT NULL,
  `attempts` int NOT NULL DEFAULT '0',
  `next_attempt_at` datetime(6) DEFAULT NULL,
  `dead_at` datetime(6) DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `usercore_outbox_queue` (`dead_at`,`next_attempt_at`,`id`),
  KEY `usercore_outbox_person` (`user_id`,`id`),
  KEY `usercore_outbox_leased` (`user_id`,`leased_until`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
CREATE TABLE `usercore_partner_reports` (
  `user_id` bigint NOT NULL,
  `original_username` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `original_email` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `original_name` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `batch_id` varchar(255) COLLATE utf8mb4_0900_bin DEFAULT NULL,
  `claimed_until` datetime(6) DEFAULT NULL,
  `created_at` datetime(6) NOT NULL,
  PRIMARY KEY (`user_id`),
  CONSTRAINT `usercore_partner_reports_user_fk` FOREIGN KEY (`user_id`) REFERENCES `usercore_users` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
CREATE TABLE `usercore_pending_email_changes` (
  `user_id` bigint NOT NULL,
  `kind` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `new_email` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `key_hash` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `requested_at` datetime(6) NOT NULL,
  `expires_at` datetime(6) NOT NULL,
  PRIMARY KEY (`user_id`,`kind`),
  UNIQUE KEY `key_hash` (`key_hash`),
  CONSTRAINT `usercore_pending_email_changes_user_fk` FOREIGN KEY (`user_id`) REFERENCES `usercore_users` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
CREATE TABLE `usercore_pending_name_changes` (
  `user_id` bigint NOT NULL,
  `request_id` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `new_name` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `rationale` longtext COLLATE utf8mb4_0900_bin NOT NULL,
  `requested_at` datetime(6) NOT NULL,
  PRIMARY KEY (`user_id`),
  CONSTRAINT `usercore_pending_name_changes_user_fk` FOREIGN KEY (`user_id`) REFERENCES `usercore_users` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
CREATE TABLE `usercore_preferences` (
  `user_id` bigint NOT NULL,
  `key` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `value` longtext COLLATE utf8mb4_0900_bin,
  `version` int NOT NULL,
  PRIMARY KEY (`user_id`,`key`),
  KEY `usercore_preferences_key` (`key`,`user_id`),
  CONSTRAINT `usercore_preferences_user_fk` FOREIGN KEY (`user_id`) REFERENCES `usercore_users` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
CREATE TABLE `usercore_profile_images` (
  `user_id` bigint NOT NULL,
  `name` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `sizes` longtext COLLATE utf8mb4_0900_bin NOT NULL,
  PRIMARY KEY (`user_id`),
  CONSTRAINT `usercore_profile_images_user_fk` FOREIGN KEY (`user_id`) REFERENCES `usercore_users` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
CREATE TABLE `usercore_profiles` (
  `user_id` bigint NOT NULL,
  `version` int NOT NULL,
  `name` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `gender` varchar(255) COLLATE utf8mb4_0900_bin DEFAULT NULL,
  `year_of_birth` int DEFAULT NULL,
  `level_of_education` varchar(255) COLLATE utf8mb4_0900_bin DEFAULT NULL,
  `goals` longtext COLLATE utf8mb4_0900_bin,
  `bio` longtext COLLATE utf8mb4_0900_bin,
  `country` varchar(255) COLLATE utf8mb4_0900_bin DEFAULT NULL,
  `state` varchar(255) COLLATE utf8mb4_0900_bin DEFAULT NULL,
  `city` longtext COLLATE utf8mb4_0900_bin,
  `location` longtext COLLATE utf8mb4_0900_bin,
  `mailing_address` longtext COLLATE utf8mb4_0900_bin,
  `phone_number` varchar(255) COLLATE utf8mb4_0900_bin DEFAULT NULL,
  `profile_image_uploaded_at` datetime(6) DEFAULT NULL,
  PRIMARY KEY (`user_id`),
  KEY `usercore_profiles_country` (`country`,`user_id`),
  CONSTRAINT `usercore_profiles_user_fk` FOREIGN KEY (`user_id`) REFERENCES `usercore_users` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
CREATE TABLE `usercore_rate_limits` (
  `name` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `subject` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `period_start` datetime(6) NOT NULL,
  `hits` int NOT NULL,
  PRIMARY KEY (`name`,`subject`),
  KEY `usercore_rate_limits_subject` (`subject`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
CREATE TABLE `usercore_registrations` (
  `user_id` bigint NOT NULL,
  `key_hash` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `activated_at` datetime(6) DEFAULT NULL,
  `proof_hash` varchar(255) COLLATE utf8mb4_0900_bin DEFAULT NULL,
  `expires_at` datetime(6) DEFAULT NULL,
  PRIMARY KEY (`user_id`),
  UNIQUE KEY `key_hash` (`key_hash`),
  CONSTRAINT `usercore_registrations_user_fk` FOREIGN KEY (`user_id`) REFERENCES `usercore_users` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
CREATE TABLE `usercore_request_guards` (
  `user_id` bigint NOT NULL,
  `ended` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `requests` int NOT NULL,
  PRIMARY KEY (`user_id`),
  CONSTRAINT `usercore_request_guards_user_fk` FOREIGN KEY (`user_id`) REFERENCES `usercore_users` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
CREATE TABLE `usercore_retired_identifiers` (
  `kind` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `form` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `retired_at` datetime(6) NOT NULL,
  PRIMARY KEY (`kind`,`form`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
CREATE TABLE `usercore_retirement_history` (
  `user_id` bigint NOT NULL,
  `id` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `from_state` varchar(255) COLLATE utf8mb4_0900_bin DEFAULT NULL,
  `to_state` varchar(255) COLLATE utf8mb4_0900_bin DEFAULT NULL,
  `forced` tinyint(1) NOT NULL,
  `note` longtext COLLATE utf8mb4_0900_bin NOT NULL,
  `changed_by` bigint DEFAULT NULL,
  `changed_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  KEY `usercore_retirement_history_user_id` (`user_id`),
  CONSTRAINT `usercore_retirement_history_user_fk` FOREIGN KEY (`user_id`) REFERENCES `usercore_users` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
CREATE TABLE `usercore_retirement_holds` (
  `id` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `user_id` bigint NOT NULL,
  `reason` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `sources` json DEFAULT NULL,
  `held_until` datetime(6) DEFAULT NULL,
  `created_by` bigint DEFAULT NULL,
  `created_at` datetime(6) NOT NULL,
  `refused_at` datetime(6) DEFAULT NULL,
  `released_at` datetime(6) DEFAULT NULL,
  `closed_at` datetime(6) DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `usercore_retirement_holds_user_id` (`user_id`,`closed_at`),
  KEY `usercore_retirement_holds_open` (`closed_at`,`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
CREATE TABLE `usercore_retirement_receipts` (
  `id` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `sequence` int DEFAULT NULL,
  `subject` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `kind` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `body` json NOT NULL,
  `previous` varchar(255) COLLATE utf8mb4_0900_bin DEFAULT NULL,
  `hash` varchar(255) COLLATE utf8mb4_0900_bin DEFAULT NULL,
  `created_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `usercore_retirement_receipts_sequence` (`sequence`),
  KEY `usercore_retirement_receipts_subject` (`subject`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
CREATE TABLE `usercore_retirement_requests` (
  `user_id` bigint NOT NULL,
  `created_at` datetime(6) NOT NULL,
  `is_started` tinyint(1) NOT NULL,
  `generation` int NOT NULL DEFAULT '1',
  PRIMARY KEY (`user_id`),
  KEY `usercore_retirement_requests_is_started` (`is_started`,`user_id`),
  CONSTRAINT `usercore_retirement_requests_user_fk` FOREIGN KEY (`user_id`) REFERENCES `usercore_users` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
CREATE TABLE `usercore_retirement_states` (
  `state_name` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `state_execution_order` int NOT NULL,
  `kind` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `step` varchar(255) COLLATE utf8mb4_0900_bin DEFAULT NULL,
  `action` varchar(255) COLLATE utf8mb4_0900_bin DEFAULT NULL,
  PRIMARY KEY (`state_name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
CREATE TABLE `usercore_retirement_step_results` (
  `user_id` bigint NOT NULL,
  `step` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `outcome` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `removed` int NOT NULL,
  `masked` int NOT NULL,
  `retained` json NOT NULL,
  `attempts` int NOT NULL,
  `started_at` datetime(6) NOT NULL,
  `finished_at` datetime(6) NOT NULL,
  PRIMARY KEY (`user_id`,`step`),
  CONSTRAINT `usercore_retirement_step_results_user_fk` FOREIGN KEY (`user_id`) REFERENCES `usercore_users` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
CREATE TABLE `usercore_retirement_work` (
  `user_id` bigint NOT NULL,
  `identifiers` json NOT NULL,
  `fence` int NOT NULL,
  `attempts` int NOT NULL,
  `cursor` json DEFAULT NULL,
  `started_at` datetime(6) DEFAULT NULL,
  `next_attempt_at` datetime(6) DEFAULT NULL,
  `stopped` varchar(255) COLLATE utf8mb4_0900_bin DEFAULT NULL,
  `code` varchar(255) COLLATE utf8mb4_0900_bin DEFAULT NULL,
  `is_replay` tinyint(1) NOT NULL,
  PRIMARY KEY (`user_id`),
  CONSTRAINT `usercore_retirement_work_user_fk` FOREIGN KEY (`user_id`) REFERENCES `usercore_users` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
CREATE TABLE `usercore_retirements` (
  `user_id` bigint NOT NULL,
  `id` bigint NOT NULL,
  `original_username` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `original_username_key` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `original_email` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `original_email_key` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `original_name` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `retired_username` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `retired_email` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `current_state` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `last_state` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `version` int NOT NULL,
  `lease` varchar(255) COLLATE utf8mb4_0900_bin DEFAULT NULL,
  `leased_until` datetime(6) DEFAULT NULL,
  `created_at` datetime(6) NOT NULL,
  `modified_at` datetime(6) NOT NULL,
  PRIMARY KEY (`user_id`),
  UNIQUE KEY `usercore_retirements_id` (`id`),
  KEY `usercore_retirements_last_state_fk` (`last_state`),
  KEY `usercore_retirements_queue` (`current_state`,`created_at`,`user_id`),
  KEY `usercore_retirements_original_username_key` (`original_username_key`),
  KEY `usercore_retirements_original_email_key` (`original_email_key`),
  KEY `usercore_retirements_leases` (`leased_until`,`current_state`,`created_at`,`user_id`),
  CONSTRAINT `usercore_retirements_current_state_fk` FOREIGN KEY (`current_state`) REFERENCES `usercore_retirement_states` (`state_name`),
  CONSTRAINT `usercore_retirements_last_state_fk` FOREIGN KEY (`last_state`) REFERENCES `usercore_retirement_states` (`state_name`),
  CONSTRAINT `usercore_retirements_user_fk` FOREIGN KEY (`user_id`) REFERENCES `usercore_users` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
CREATE TABLE `usercore_search_values` (
  `user_id` bigint NOT NULL,
  `field` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `value` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  PRIMARY KEY (`user_id`,`field`),
  KEY `usercore_search_values_list` (`field`,`value`,`user_id`),
  CONSTRAINT `usercore_search_values_user_fk` FOREIGN KEY (`user_id`) REFERENCES `usercore_users` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
CREATE TABLE `usercore_social_links` (
  `user_id` bigint NOT NULL,
  `platform` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `social_link` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  PRIMARY KEY (`user_id`,`platform`),
  CONSTRAINT `usercore_social_links_user_fk` FOREIGN KEY (`user_id`) REFERENCES `usercore_users` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
CREATE TABLE `usercore_users` (
  `id` bigint NOT NULL AUTO_INCREMENT,
  `username` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `username_key` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `email` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `email_key` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `first_name` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `last_name` varchar(255) COLLATE utf8mb4_0900_bin NOT NULL,
  `is_active` tinyint(1) NOT NULL,
  `date_joined` datetime(6) NOT NULL,
  `last_login` datetime(6) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `username_key` (`username_key`),
  UNIQUE KEY `email_key` (`email_key`),
  KEY `usercore_users_is_active` (`is_active`,`id`),
  KEY `usercore_users_date_joined` (`date_joined`,`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
