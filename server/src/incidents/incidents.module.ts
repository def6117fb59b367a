import { Module } from '@nestjs/common';
import { AlarmsModule } from '../alarms/alarms.module.js';
import { ConnectivityModule } from '../connectivity/connectivity.module.js';
import { DevicesModule } from '../devices/devices.module.js';
import { IncidentsController } from './incidents.controller.js';
import { IncidentsRepository } from './incidents.repository.js';
import { IncidentsService } from './incidents.service.js';
import { OutageSeverities } from './outage-severities.service.js';

@Module({
  imports: [DevicesModule, ConnectivityModule, AlarmsModule],
  controllers: [IncidentsController],
  providers: [IncidentsService, IncidentsRepository, OutageSeverities],
  exports: [IncidentsService],
})
export class IncidentsModule {}
