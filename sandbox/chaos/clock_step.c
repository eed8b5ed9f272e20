/* Preloaded into a program: its wall clock is ahead by as many seconds as the file named by CLOCK_STEP holds (a double).
   The monotonic clock goes on as it does. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile double *step;

static double ahead(void)
{
    static const double none = 0;
    if (step == NULL) {
        const char *path = getenv("CLOCK_STEP");
        int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
        void *held = file < 0 ? MAP_FAILED : mmap(NULL, sizeof(double), PROT_READ, MAP_SHARED, file, 0);
        step = held == MAP_FAILED ? &none : held;
        if (file >= 0)
            close(file);
    }
    return *step;
}

int clock_gettime(clockid_t clock, struct timespec *at)
{
    int failed = (int)syscall(SYS_clock_gettime, clock, at);
    if (!failed && clock == CLOCK_REALTIME) {
        long long all = at->tv_sec * 1000000000LL + at->tv_nsec + (long long)(ahead() * 1e9);
        at->tv_sec = all / 1000000000LL;
        at->tv_nsec = all % 1000000000LL;
    }
    return failed;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone)
{
    struct timespec exact;
    int failed = clock_gettime(CLOCK_REALTIME, &exact);
    (void)zone;
    at->tv_sec = exact.tv_sec;
    at->tv_usec = exact.tv_nsec / 1000;
    return failed;
}

time_t time(time_t *at)
{
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (at != NULL)
        *at = exact.tv_sec;
    return exact.tv_sec;
}
