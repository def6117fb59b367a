import { Module, type DynamicModule } from '@nestjs/common';
import { AccessModule } from './access/access.module.js';
import { AlarmsModule } from './alarms/alarms.module.js';
import { AttachmentsModule } from './attachments/attachments.module.js';
import { ConnectivityModule } from './connectivity/connectivity.module.js';
import { CoverageModule } from './coverage/coverage.module.js';
import { DevicesModule } from './devices/devices.module.js';
import { FactsModule } from './facts/facts.module.js';
import { HealthModule } from './health/health.module.js';
import { HistoryModule } from './history/history.module.js';
import { IncidentsModule } from './incidents/incidents.module.js';
import { IntakeModule } from './intake/intake.module.js';
import { LiveModule } from './live/live.module.js';
import { MeetingsModule } from './meetings/meetings.module.js';
import { NotificationsModule } from './notifications/notifications.module.js';
import { PlatformModule, type PlatformParts } from './platform/platform.module.js';
import { ReadingsModule } from './readings/readings.module.js';
import { ReportsModule } from './reports/reports.module.js';

/** The whole server, in the order of its dependencies. */
@Module({})
export class AppModule {
  static forRoot(parts: PlatformParts): DynamicModule {
    return {
      module: AppModule,
      imports: [
        PlatformModule.forRoot(parts),
        AccessModule,
        DevicesModule,
        AttachmentsModule,
        FactsModule,
        ReadingsModule,
        ConnectivityModule,
        HistoryModule,
        MeetingsModule,
        AlarmsModule,
        IncidentsModule,
        NotificationsModule,
        CoverageModule,
        ReportsModule,
        IntakeModule,
        LiveModule,
        HealthModule,
      ],
    };
  }
}
