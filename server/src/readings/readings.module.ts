import { Module } from '@nestjs/common';
import { DevicesModule } from '../devices/devices.module.js';
import { ReadingsController } from './readings.controller.js';
import { ReadingsRepository } from './readings.repository.js';
import { RollupsService } from './rollups.service.js';
import { ReadingsService } from './readings.service.js';

@Module({
  imports: [DevicesModule],
  controllers: [ReadingsController],
  providers: [ReadingsService, RollupsService, ReadingsRepository],
  exports: [ReadingsService],
})
export class ReadingsModule {}
