import { Module } from '@nestjs/common';
import { AlarmsModule } from '../alarms/alarms.module.js';
import { AttachmentsModule } from '../attachments/attachments.module.js';
import { ConnectivityModule } from '../connectivity/connectivity.module.js';
import { DevicesModule } from '../devices/devices.module.js';
import { FactsModule } from '../facts/facts.module.js';
import { GroupingService } from './grouping.service.js';
import { IncidentDeadlinesService } from './incident-deadlines.service.js';
import { IncidentRegroupingsRepository } from './incident-regroupings.repository.js';
import { IncidentWorkService } from './incident-work.service.js';
import { IncidentsController } from './incidents.controller.js';
import { IncidentsRepository } from './incidents.repository.js';
import { IncidentsService } from './incidents.service.js';
import { RegroupingService } from './regrouping.service.js';

@Module({
  imports: [DevicesModule, ConnectivityModule, AlarmsModule, FactsModule, AttachmentsModule],
  controllers: [IncidentsController],
  providers: [
    IncidentsService,
    GroupingService,
    IncidentDeadlinesService,
    IncidentWorkService,
    RegroupingService,
    IncidentsRepository,
    IncidentRegroupingsRepository,
  ],
  exports: [IncidentsService, IncidentWorkService],
})
export class IncidentsModule {}
