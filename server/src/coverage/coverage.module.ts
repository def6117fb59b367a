import { Module } from '@nestjs/common';
import { ConnectivityModule } from '../connectivity/connectivity.module.js';
import { DevicesModule } from '../devices/devices.module.js';
import { ReadingsModule } from '../readings/readings.module.js';
import { CoverageController } from './coverage.controller.js';
import { CoverageRepository } from './coverage.repository.js';
import { CoverageService } from './coverage.service.js';

@Module({
  imports: [DevicesModule, ReadingsModule, ConnectivityModule],
  controllers: [CoverageController],
  providers: [CoverageService, CoverageRepository],
  exports: [CoverageService],
})
export class CoverageModule {}
