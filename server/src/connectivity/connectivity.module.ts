import { Module } from '@nestjs/common';
import { DevicesModule } from '../devices/devices.module.js';
import { ReadingsModule } from '../readings/readings.module.js';
import { ConnectivityController } from './connectivity.controller.js';
import { ConnectivityRepository } from './connectivity.repository.js';
import { ConnectivityService } from './connectivity.service.js';
import { OutageRepairs } from './outage-repairs.service.js';

@Module({
  imports: [DevicesModule, ReadingsModule],
  controllers: [ConnectivityController],
  providers: [ConnectivityService, ConnectivityRepository, OutageRepairs],
  exports: [ConnectivityService],
})
export class ConnectivityModule {}
