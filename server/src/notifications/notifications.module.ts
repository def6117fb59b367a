import { Module } from '@nestjs/common';
import { AlarmsModule } from '../alarms/alarms.module.js';
import { IncidentsModule } from '../incidents/incidents.module.js';
import { AudienceService } from './audience.service.js';
import { DeliveriesService } from './deliveries.service.js';
import { DigestsService } from './digests.service.js';
import { EscalationsService } from './escalations.service.js';
import { KeptSecretsService } from './kept-secrets.service.js';
import { NotificationLogRepository } from './notification-log.repository.js';
import { NotificationSettingsController } from './notification-settings.controller.js';
import { NotificationSettingsRepository } from './notification-settings.repository.js';
import { NotificationSettingsService } from './notification-settings.service.js';
import { NotificationsController } from './notifications.controller.js';
import { NotificationsService } from './notifications.service.js';
import { OutboxRepository } from './outbox.repository.js';
import { OutboxService } from './outbox.service.js';
import { OwnChannelsController } from './own-channels.controller.js';
import { OwnChannelsRepository } from './own-channels.repository.js';
import { OwnChannelsService } from './own-channels.service.js';
import { TellingService } from './telling.service.js';

@Module({
  imports: [AlarmsModule, IncidentsModule],
  controllers: [NotificationsController, NotificationSettingsController, OwnChannelsController],
  providers: [
    NotificationsService,
    NotificationSettingsService,
    OwnChannelsService,
    AudienceService,
    TellingService,
    EscalationsService,
    DigestsService,
    OutboxService,
    DeliveriesService,
    KeptSecretsService,
    NotificationSettingsRepository,
    NotificationLogRepository,
    OwnChannelsRepository,
    OutboxRepository,
  ],
  exports: [NotificationsService],
})
export class NotificationsModule {}
