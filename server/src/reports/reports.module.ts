import { Module } from '@nestjs/common';
import { AlarmsModule } from '../alarms/alarms.module.js';
import { ConnectivityModule } from '../connectivity/connectivity.module.js';
import { DevicesModule } from '../devices/devices.module.js';
import { FactsModule } from '../facts/facts.module.js';
import { HistoryModule } from '../history/history.module.js';
import { IncidentsModule } from '../incidents/incidents.module.js';
import { ReadingsModule } from '../readings/readings.module.js';
import { HandoverService } from './handover.service.js';
import { PaperService } from './paper.service.js';
import { PowerService } from './power.service.js';
import { ReportsController } from './reports.controller.js';
import { ReportsRepository } from './reports.repository.js';
import { SituationService } from './situation.service.js';

@Module({
  imports: [
    DevicesModule,
    FactsModule,
    ReadingsModule,
    ConnectivityModule,
    HistoryModule,
    AlarmsModule,
    IncidentsModule,
  ],
  controllers: [ReportsController],
  providers: [SituationService, HandoverService, PowerService, PaperService, ReportsRepository],
})
export class ReportsModule {}
