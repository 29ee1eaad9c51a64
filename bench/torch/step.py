"""Training steps of a network in PyTorch: one for each line on standard input, answered with its time and loss as JSON.

    /usr/bin/python3 step.py NETWORK BATCH SIZE CLASSES THREADS RATE MATERIAL

MATERIAL holds float32 values: images, targets, and weights in the order of their names in the file of the same name with
.json.
"""

import json
import sys
import time
from pathlib import Path

import numpy
import torch
from torch import nn
from torch.nn import functional


# Keras' batch norm, as ours has it too.
NORM = {'eps': 1e-3, 'momentum': 0.01}


class MobileNetV1(nn.Sequential):
    def __init__(self, classes):
        super().__init__()
        self.conv('conv1', 3, 32, 3, 2)
        width = 32
        plan = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)]
        for i, (outputs, stride) in enumerate(plan + [(512, 1)] * 5 + [(1024, 2), (1024, 1)], 1):
            self.conv(f'conv_dw_{i}', width, width, 3, stride, width)
            self.conv(f'conv_pw_{i}', width, outputs, 1)
            width = outputs
        self.add_module('pool', nn.AdaptiveAvgPool2d(1))
        self.add_module('flatten', nn.Flatten())
        self.add_module('conv_preds', nn.Linear(width, classes))

    def conv(self, name, inputs, outputs, kernel, stride=1, groups=1):
        conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.add_module(name, conv)
        self.add_module(f'{name}_bn', nn.BatchNorm2d(outputs, **NORM))
        self.add_module(f'{name}_relu', nn.ReLU6(inplace=True))


class WideBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs, **NORM)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs, **NORM)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False) if inputs != outputs else None
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)

    def forward(self, x):
        ready = functional.relu(self.bn1(x), inplace=True)
        inner = functional.relu(self.bn2(self.conv1(ready)), inplace=True)
        return self.conv2(inner) + (x if self.shortcut is None else self.shortcut(ready))


class Wrn16x8(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        width = 16
        for group, outputs in enumerate([128, 256, 512], 1):
            stride = 1 if group == 1 else 2
            blocks = nn.Sequential(WideBlock(width, outputs, stride), WideBlock(outputs, outputs, 1))
            self.add_module(f'block{group}', blocks)
            width = outputs
        self.bn = nn.BatchNorm2d(width, **NORM)
        self.age_head = nn.Linear(width, classes)

    def forward(self, x):
        x = self.block3(self.block2(self.block1(self.conv1(x))))
        return self.age_head(functional.relu(self.bn(x), inplace=True).mean((2, 3)))


def torchvision_network(name, classes):
    """Without what is random (dropout, and EfficientNet's stochastic depth, which ours lacks) and without Inception's
    auxiliary classifier, so that losses can be compared."""
    from torchvision import models, ops

    options = {'aux_logits': False, 'init_weights': False} if name == 'inception_v3' else {}
    model = getattr(models, name)(weights=None, num_classes=classes, **options)
    for module in model.modules():
        if isinstance(module, (nn.Dropout, ops.StochasticDepth)):
            module.p = 0.0
    return model


TORCHVISION = {
    'AlexNet': 'alexnet',
    'EfficientNet-B0': 'efficientnet_b0',
    'Inception-v3': 'inception_v3',
    'MobileNet-v2': 'mobilenet_v2',
    'MobileNet-v3-large': 'mobilenet_v3_large',
    'ResNet-18': 'resnet18',
    'ResNet-34': 'resnet34',
    'ResNet-50': 'resnet50',
    'VGG-16': 'vgg16',
}


def network(name, classes):
    others = {'MobileNet-v1': MobileNetV1, 'WRN-16-8': Wrn16x8}
    return others[name](classes) if name in others else torchvision_network(TORCHVISION[name], classes)


def read_material(file, model, batch, size, classes):
    """Sets the model's weights; gives images and the class of each."""
    values = torch.from_numpy(numpy.fromfile(file, numpy.float32))
    place = 0

    def take(*shape):
        nonlocal place
        count = numpy.prod(shape)
        place += count
        return values[place - count : place].reshape(shape)

    images = take(batch, 3, size, size)
    labels = take(batch, classes).argmax(1)
    names = json.loads(Path(file).with_suffix('.json').read_text())
    weights = dict(model.named_parameters())
    if sorted(names) != sorted(weights):
        raise ValueError(f'Weights that only one side has: {sorted(set(names) ^ set(weights))}')
    with torch.no_grad():
        for weight in map(weights.get, names):
            # A matrix is [in, out] in the file, [out, in] here.
            weight.copy_(take(*reversed(weight.shape)).T if weight.ndim == 2 else take(*weight.shape))
    if place != len(values):
        raise ValueError(f'{file} holds {len(values)} values, the model takes {place}')
    return images.clone(), labels


def main():
    name, *numbers, rate, file = sys.argv[1:]
    batch, size, classes, threads = map(int, numbers)
    torch.set_num_threads(threads)
    model = network(name, classes).train()
    images, labels = read_material(file, model, batch, size, classes)
    model = model.to(memory_format=torch.channels_last)
    images = images.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(model.parameters(), lr=float(rate), momentum=0.9)
    print(json.dumps({'description': f'PyTorch {torch.__version__}'}), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        loss = functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        milliseconds = (time.perf_counter() - start) * 1e3
        print(json.dumps({'milliseconds': milliseconds, 'loss': loss.item()}), flush=True)


main()
