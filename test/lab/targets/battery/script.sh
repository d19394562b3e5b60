#!/bin/sh
printf 'script %s\n' "$*"
