import { Module } from '@nestjs/common';
import { BoundariesService } from './boundaries.service.js';
import { DevicesController } from './devices.controller.js';
import { DevicesRepository } from './devices.repository.js';
import { DevicesService } from './devices.service.js';

@Module({
  controllers: [DevicesController],
  providers: [DevicesService, DevicesRepository, BoundariesService],
  exports: [DevicesService],
})
export class DevicesModule {}
