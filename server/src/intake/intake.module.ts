import { Module } from '@nestjs/common';
import { AlarmsModule } from '../alarms/alarms.module.js';
import { ConnectivityModule } from '../connectivity/connectivity.module.js';
import { DevicesModule } from '../devices/devices.module.js';
import { IncidentsModule } from '../incidents/incidents.module.js';
import { NotificationsModule } from '../notifications/notifications.module.js';
import { ReadingsModule } from '../readings/readings.module.js';
import { IntakeController } from './intake.controller.js';
import { IntakeRepository } from './intake.repository.js';
import { IntakeService } from './intake.service.js';
import { RefusalsService } from './refusals.service.js';

/** From the broker to the database: the only way in for what devices say. */
@Module({
  imports: [DevicesModule, ReadingsModule, ConnectivityModule, AlarmsModule, IncidentsModule, NotificationsModule],
  controllers: [IntakeController],
  providers: [IntakeRepository, RefusalsService, IntakeService],
  exports: [IntakeService],
})
export class IntakeModule {}
